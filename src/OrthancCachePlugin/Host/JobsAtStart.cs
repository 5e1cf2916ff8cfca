using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Host;

/// <summary>
/// Asks, once Orthanc has started, which jobs of an earlier process run again: Orthanc resumes them without telling plugins. Until it
/// knows, nothing counts as settled.
/// </summary>
internal sealed class JobsAtStart(OrthancApi queries, ChangeTracker tracker, TimeProvider time, IThreadNames names) : IDisposable
{
    private static readonly TimeSpan MaximumWait = TimeSpan.FromSeconds(5);
    private Thread? _thread;
    private volatile bool _isAbandoned;

    /// <summary>Called from the event of the start, in which Orthanc must not be asked anything: a thread asks.</summary>
    public void Start()
    {
        var thread = new Thread(Ask) { IsBackground = true, Name = "response-cache-start" };
        if (Interlocked.CompareExchange(ref _thread, thread, null) is null)
        {
            thread.Start();
        }
    }

    /// <summary>Waits for the question to end: no service may be called after Finalize.</summary>
    public void Dispose() => _isAbandoned = _thread?.Join(MaximumWait) == false;

    private void Ask()
    {
        names.Enter("CACHE-START");
        var jobs = new List<Digest128>();
        var now = time.GetTimestampTicks();
        bool isKnown;
        try
        {
            isKnown = queries.TryGetRunningJobs(jobs);
            now = time.GetTimestampTicks();
            foreach (var job in jobs)
            {
                tracker.JobSubmitted(job, now);
            }
        }
        catch (Exception)
        {
            isKnown = false; // in doubt, wait: hits are checked against the whole database meanwhile
        }

        tracker.Release(isKnown ? now : now + ChangeTracker.RequestTimeout);
        if (!_isAbandoned)
        {
            names.Leave();
        }
    }
}
