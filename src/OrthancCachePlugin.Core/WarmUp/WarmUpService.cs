using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>Warms stable resources in the background, on threads of its own. <see cref="Stable"/> and <see cref="Changed"/> only touch the
/// queue.</summary>
public sealed class WarmUpService : IDisposable
{
    private const int StackSize = 4 << 20; // in bytes; Orthanc builds its responses on it

    private static readonly TimeSpan FinalizeTimeout = TimeSpan.FromSeconds(5); // for each thread: Orthanc may hang

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

    public int QueueLength => _queue.Count;

    public int Running => _queue.Running;

    public long Dropped => _queue.Dropped; // resources that gave way because the queue was full

    public void Start() => _threads.ForEach(t => t.Start());

    /// <summary>A resource is stable: nothing has been added to it for a while.</summary>
    public void Stable(Resource resource)
    {
        if (!_isStopping && _queue.Add(resource))
        {
            _signal.Set();
        }
    }

    public void Changed(Resource resource) => _queue.Cancel(resource);

    /// <summary>Takes no more work; does not wait for what is under way.</summary>
    public void Stop()
    {
        _isStopping = true;
        _queue.Clear();
        _signal.Dispose();
    }

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

    private void Run(WarmUpWorker worker)
    {
        _names?.Enter("CACHE-WARM-UP");
        TimeSpan? wait;
        long version;
        do
        {
            version = _signal.Version;
            wait = _isStopping ? TimeSpan.Zero : worker.RunOnce();
        }
        while (!_isStopping && (wait == TimeSpan.Zero || _signal.Wait(version, wait)));

        _names?.Leave();
    }
}

/// <summary>Lets threads wait for a signal or for some time of a <see cref="TimeProvider"/>, whichever comes first.</summary>
internal sealed class TimedSignal(TimeProvider time) : IDisposable
{
    private readonly object _monitor = new();
    private long _version;
    private bool _isDisposed;

    public void Set()
    {
        lock (_monitor)
        {
            _version++;
            Monitor.PulseAll(_monitor);
        }
    }

    /// <summary>To be read before looking for work: a signal after that ends the wait.</summary>
    public long Version
    {
        get
        {
            lock (_monitor)
            {
                return _version;
            }
        }
    }

    /// <summary>False once it is disposed of.</summary>
    public bool Wait(long since, TimeSpan? maximum)
    {
        var hasElapsed = false;
        using var timer = maximum is { } span
            ? time.CreateTimer(
                _ =>
                {
                    lock (_monitor)
                    {
                        hasElapsed = true;
                        Monitor.PulseAll(_monitor);
                    }
                },
                null,
                span,
                Timeout.InfiniteTimeSpan)
            : null;
        lock (_monitor)
        {
            while (!_isDisposed && _version == since && !hasElapsed)
            {
                Monitor.Wait(_monitor);
            }

            return !_isDisposed;
        }
    }

    public void Dispose()
    {
        lock (_monitor)
        {
            _isDisposed = true;
            Monitor.PulseAll(_monitor);
        }
    }
}
