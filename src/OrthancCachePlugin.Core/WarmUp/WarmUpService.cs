using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>
/// Warms in the background what Orthanc says is stable. <see cref="Stable"/> and <see cref="Changed"/> only touch the queue; the work
/// is done on threads of its own, which <see cref="Dispose"/> waits for, but not for ever: whoever is late finds the origin out of reach.
/// </summary>
public sealed class WarmUpService : IDisposable
{
    /// <summary>In bytes; the origin builds its responses on it.</summary>
    private const int StackSize = 4 << 20;

    /// <summary>How long each thread is waited for; the origin may hang.</summary>
    private static readonly TimeSpan FinalizeTimeout = TimeSpan.FromSeconds(5);

    private readonly WarmUpQueue _queue;
    private readonly TimedSignal _signal;
    private readonly List<Thread> _threads = [];
    private readonly IThreadNames? _names;
    private volatile bool _isStopping;

    public WarmUpService(
        WarmUpRoutes routes,
        IWarmer warmer,
        LoadGate gate,
        IEntryStore store,
        WarmUpCounters counters,
        int threads,
        TimeProvider time,
        ILog log,
        IThreadNames? names = null)
    {
        _names = names;
        _queue = new WarmUpQueue(routes);
        _signal = new TimedSignal(time);
        var worker = new WarmUpWorker(_queue, routes, warmer, gate, store, counters, time, log);
        for (var i = 0; i < threads; i++)
        {
            _threads.Add(new Thread(() => Run(worker), StackSize) { Name = "cache warm-up", IsBackground = true });
        }
    }

    /// <summary>Resources that wait.</summary>
    public int QueueLength => _queue.Count;

    /// <summary>Resources that are being warmed.</summary>
    public int Running => _queue.Running;

    /// <summary>Resources that gave way because the queue was full.</summary>
    public long Dropped => _queue.Dropped;

    /// <summary>Starts the threads.</summary>
    public void Start() => _threads.ForEach(t => t.Start());

    /// <summary>A resource is stable: nothing has been added to it for a while.</summary>
    public void Stable(Resource resource)
    {
        if (!_isStopping && _queue.Add(resource))
        {
            _signal.Set();
        }
    }

    /// <summary>A resource has changed or gone. If it has only changed, it will be stable again.</summary>
    public void Changed(Resource resource) => _queue.Cancel(resource);

    /// <summary>Stops taking up work, without waiting for what is being done.</summary>
    public void Stop()
    {
        _isStopping = true;
        _queue.Clear();
        _signal.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        foreach (var thread in _threads)
        {
            if (!thread.ThreadState.HasFlag(ThreadState.Unstarted))
            {
                thread.Join(FinalizeTimeout);
            }
        }
    }

    /// <summary>An exception that left a thread would end the server.</summary>
    private static TimeSpan? RunOnce(WarmUpWorker worker)
    {
        try
        {
            return worker.RunOnce();
        }
        catch (Exception)
        {
            return TimeSpan.FromSeconds(1);
        }
    }

    private void Run(WarmUpWorker worker)
    {
        _names?.Enter("CACHE-WARM-UP");
        TimeSpan? wait;
        long version;
        do
        {
            version = _signal.Version;
            wait = _isStopping ? TimeSpan.Zero : RunOnce(worker);
        }
        while (!_isStopping && (wait == TimeSpan.Zero || _signal.Wait(version, wait)));

        _names?.Leave();
    }
}
