namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>Lets threads wait for something to happen or for some time of a <see cref="TimeProvider"/>, whichever comes first.</summary>
internal sealed class TimedSignal(TimeProvider time) : IDisposable
{
    private readonly object _monitor = new();
    private long _version;
    private bool _isOver;

    /// <summary>Wakes all who wait.</summary>
    public void Set()
    {
        lock (_monitor)
        {
            _version++;
            Monitor.PulseAll(_monitor);
        }
    }

    /// <summary>A point to wait from: what happens after reading it ends the wait.</summary>
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

    /// <summary>Waits.</summary>
    /// <param name="since">What <see cref="Version"/> was.</param>
    /// <param name="maximum">Null for no limit.</param>
    /// <returns>False once it is over: nobody waits any more.</returns>
    public bool Wait(long since, TimeSpan? maximum)
    {
        var isUp = false;
        using var timer = maximum is { } span
            ? time.CreateTimer(
                _ =>
                {
                    lock (_monitor)
                    {
                        isUp = true;
                        Monitor.PulseAll(_monitor);
                    }
                },
                null,
                span,
                Timeout.InfiniteTimeSpan)
            : null;
        lock (_monitor)
        {
            while (!_isOver && _version == since && !isUp)
            {
                Monitor.Wait(_monitor);
            }

            return !_isOver;
        }
    }

    /// <summary>Ends all waits for good.</summary>
    public void Dispose()
    {
        lock (_monitor)
        {
            _isOver = true;
            Monitor.PulseAll(_monitor);
        }
    }
}
