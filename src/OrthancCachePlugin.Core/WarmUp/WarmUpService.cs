using System.Numerics;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
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

/// <summary>Does one resource of the queue after another, route by route, and keeps still while clients need the server.</summary>
internal sealed class WarmUpWorker(
    WarmUpQueue queue,
    WarmUpRoutes routes,
    IWarmer warmer,
    LoadGate gate,
    IEntryStore store,
    WarmUpCounters counters,
    TimeProvider time,
    ILog log)
{
    /// <summary>The first second try comes when the rule of two seconds lets a response be stored.</summary>
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan MaximumRetry = TimeSpan.FromMinutes(1);

    /// <summary>What failed costs as much as what succeeds: two hours in all.</summary>
    private static readonly TimeSpan MaximumRetryOfFailed = TimeSpan.FromMinutes(10);

    /// <summary>About a quarter of an hour: a mutating request without any sign of its end counts as running for ten minutes.</summary>
    private const int MaximumAttempts = 20;

    /// <summary>How often to look whether the store works again: without it, all would be in vain.</summary>
    private static readonly TimeSpan StoreInterval = TimeSpan.FromSeconds(1);

    private int _failuresLogged;

    public TimeSpan? RunOnce()
    {
        try
        {
            return DoNext();
        }
        catch (Exception)
        {
            return StoreInterval; // what left the thread would end the process
        }
    }

    private TimeSpan? DoNext()
    {
        if (gate.IsBusy())
        {
            counters.Paused();
            return LoadGate.Interval;
        }

        if (queue.Count > 0)
        {
            var status = store.GetStatus();
            if (status.State != StoreState.Working)
            {
                return StoreInterval;
            }

            if (status.IsBehind)
            {
                return LoadGate.Interval;
            }
        }

        var item = queue.TryTake(time.GetTimestampTicks(), out var wait);
        if (item is null)
        {
            return wait;
        }

        long? retryAt = null;
        var busy = false;
        try
        {
            var isDone = Warm(item, out busy, out var hasFailed);
            if (busy)
            {
                retryAt = time.GetTimestampTicks() + LoadGate.Interval.Ticks;
            }
            else if (!isDone && item.Attempts < MaximumAttempts)
            {
                retryAt = time.GetTimestampTicks() + Delay(item.Attempts++, hasFailed ? MaximumRetryOfFailed : MaximumRetry).Ticks;
            }
            else
            {
                counters.Ended(isDone);
            }
        }
        catch (Exception failure)
        {
            counters.Ended(isDone: false);
            if (Interlocked.Exchange(ref _failuresLogged, 1) == 0)
            {
                LogMessages.WarmUpFailed(log, failure.GetType().Name);
            }
        }
        finally
        {
            queue.GiveBack(item, retryAt);
        }

        return busy ? LoadGate.Interval : TimeSpan.Zero;
    }

    private static TimeSpan Delay(int attempts, TimeSpan maximum)
    {
        var delay = FirstRetry * Math.Pow(2, Math.Min(attempts, 16));
        return delay < maximum ? delay : maximum;
    }

    private bool Warm(WarmUpItem item, out bool isBusy, out bool hasFailed)
    {
        isBusy = false;
        hasFailed = false;
        var list = routes.Of(item.Resource.Level);
        var remaining = item.Remaining;
        while (remaining != 0)
        {
            var index = BitOperations.TrailingZeroCount(remaining);
            for (var i = index; i < (index == 63 ? list.Count : index + 1) && i < list.Count; i++)
            {
                if (item.IsCanceled)
                {
                    counters.Canceled();
                    item.Remaining = 0;
                    return true;
                }

                if (gate.IsBusy())
                {
                    counters.Paused();
                    isBusy = true;
                    return false;
                }

                var outcome = warmer.Warm(item.Resource, list[i]);
                counters.Count(outcome);
                if (outcome == WarmUpOutcome.Deleted)
                {
                    item.Remaining = 0;
                    return true;
                }

                hasFailed |= outcome == WarmUpOutcome.Failed;
                if (outcome is not (WarmUpOutcome.Unsettled or WarmUpOutcome.Busy or WarmUpOutcome.Failed))
                {
                    item.Remaining &= ~(1UL << index);
                }
            }

            remaining &= ~(1UL << index);
        }

        return item.Remaining == 0;
    }
}
