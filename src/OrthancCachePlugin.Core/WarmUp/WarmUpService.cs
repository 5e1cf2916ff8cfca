using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>
/// Warms stable resources in the background, on threads of its own. <see cref="Stable"/> and <see cref="Changed"/> only touch the queue.
/// </summary>
public sealed class WarmUpService : IDisposable
{
    /// <summary>In bytes; Orthanc builds its responses on it.</summary>
    private const int StackSize = 4 << 20;

    /// <summary>For each thread: Orthanc may hang.</summary>
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

    public int QueueLength => _queue.Count;

    public int Running => _queue.Running;

    /// <summary>Resources that gave way because the queue was full.</summary>
    public long Dropped => _queue.Dropped;

    public void Start() => _threads.ForEach(t => t.Start());

    /// <summary>A resource is stable: nothing has been added to it for a while.</summary>
    public void Stable(Resource resource)
    {
        if (!_isStopping && _queue.Add(resource))
        {
            _signal.Set();
        }
    }

    /// <summary>A resource has changed or was deleted. If it has only changed, it will be stable again.</summary>
    public void Changed(Resource resource) => _queue.Cancel(resource);

    /// <summary>Takes no more work; does not wait for what is under way.</summary>
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

    /// <param name="since">What <see cref="Version"/> was.</param>
    /// <param name="maximum">Null for no limit.</param>
    /// <returns>False once it is disposed of.</returns>
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

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_monitor)
        {
            _isDisposed = true;
            Monitor.PulseAll(_monitor);
        }
    }
}
