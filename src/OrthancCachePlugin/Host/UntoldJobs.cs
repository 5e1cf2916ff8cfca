using System.Text;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Host;

/// <summary>Finds the end of jobs that were canceled while they did not run. Orthanc reports it to nobody (JobsRegistry::Cancel), and such a job
/// would keep everything unsettled. Asks a few seconds after the request, on a thread of the pool. Thread-safe.</summary>
internal sealed class CanceledJobs(OrthancApi api, ChangeTracker tracker, TimeProvider time) : IDisposable
{
    private const int MaximumJobs = 64;
    private const int MaximumAttempts = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly Lock _asking = new();
    private readonly Dictionary<string, int> _attempts = [];
    private ITimer? _timer;
    private bool _isStopping;

    public void Seen(string job)
    {
        if (!Guid.TryParse(job, out _))
        {
            return; // no identifier of Orthanc
        }

        lock (_lock)
        {
            if (!_isStopping && _attempts.Count < MaximumJobs)
            {
                _attempts[job] = 0;
                _timer ??= time.CreateTimer(_ => TryAsk(), null, Interval, Interval);
            }
        }
    }

    /// <summary>Waits for the current question: no service of Orthanc may be called after Finalize.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _isStopping = true;
            _attempts.Clear();
            _timer?.Dispose();
        }

        lock (_asking)
        {
            // from here on there is nothing to ask
        }
    }

    /// <summary>An exception that left the timer would end the server.</summary>
    private void TryAsk()
    {
        try
        {
            Ask();
        }
        catch (Exception)
        {
            // asked again after the interval
        }
    }

    private void Ask()
    {
        lock (_asking)
        {
            string[] jobs;
            lock (_lock)
            {
                jobs = [.. _attempts.Keys];
            }

            foreach (var job in jobs)
            {
                var hasEnded = HasEnded(job);
                if (hasEnded)
                {
                    tracker.JobEnded(Digest128.Of(Encoding.ASCII.GetBytes(job)), time.GetTimestampTicks());
                }

                Note(job, hasEnded);
            }
        }
    }

    private bool HasEnded(string job)
    {
        try
        {
            return api.TryGetJobState(job, out var state) && state is "Success" or "Failure";
        }
        catch (Exception)
        {
            return false; // may still run
        }
    }

    private void Note(string job, bool hasEnded)
    {
        lock (_lock)
        {
            if (hasEnded || !_attempts.TryGetValue(job, out var attempts) || attempts + 1 >= MaximumAttempts)
            {
                _attempts.Remove(job);
            }
            else
            {
                _attempts[job] = attempts + 1;
            }

            if (_attempts.Count == 0)
            {
                _timer?.Dispose();
                _timer = null;
            }
        }
    }
}

/// <summary>Finds the jobs of an earlier process that Orthanc resumes without telling plugins. Until they are known, nothing counts as
/// settled.</summary>
internal sealed class JobsAtStart(OrthancApi api, ChangeTracker tracker, TimeProvider time, IThreadNames names) : IDisposable
{
    private static readonly TimeSpan MaximumWait = TimeSpan.FromSeconds(5);
    private Thread? _thread;
    private volatile bool _isAbandoned;

    /// <summary>In the event of the start Orthanc must not be asked anything, so a thread asks.</summary>
    public void Start()
    {
        var thread = new Thread(Ask) { IsBackground = true, Name = "response-cache-start" };
        if (Interlocked.CompareExchange(ref _thread, thread, null) is null)
        {
            thread.Start();
        }
    }

    /// <summary>Waits for the question to end: no service of Orthanc may be called after Finalize.</summary>
    public void Dispose() => _isAbandoned = _thread?.Join(MaximumWait) == false;

    private void Ask()
    {
        names.Enter("CACHE-START");
        var jobs = new List<Digest128>();
        var now = time.GetTimestampTicks();
        bool isKnown;
        try
        {
            isKnown = api.TryGetRunningJobs(jobs, exceptType: WarmUpJob.Type);
            now = time.GetTimestampTicks();
            foreach (var job in jobs)
            {
                tracker.JobSubmitted(job, now);
            }
        }
        catch (Exception)
        {
            isKnown = false; // hits are validated against the whole database meanwhile
        }

        tracker.Release(isKnown ? now : now + ChangeTracker.RequestTimeout);
        if (!_isAbandoned)
        {
            names.Leave();
        }
    }
}
