using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Host;

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
