namespace OrthancCachePlugin.Bindings;

/// <summary>Lets calls to Orthanc through until it is closed, and waits for the last one to leave. Thread-safe; passing costs two interlocked
/// additions to a number that few other threads touch.</summary>
internal sealed class CallGate
{
    private const int Stripes = 32;
    private const int Spacing = 16; // two lines of the processor's cache

    private readonly long[] _inside = new long[Stripes * Spacing];
    private readonly object _leaving = new();
    private bool _isClosed;

    /// <summary>On true, call <see cref="Leave"/> once, with the same number.</summary>
    public bool TryEnter(out int stripe)
    {
        stripe = (Environment.CurrentManagedThreadId & (Stripes - 1)) * Spacing;

        // A full fence: Close sees this one inside, or this one sees the gate closed.
        Interlocked.Increment(ref _inside[stripe]);
        if (!Volatile.Read(ref _isClosed))
        {
            return true;
        }

        Leave(stripe);
        return false;
    }

    public void Leave(int stripe)
    {
        Interlocked.Decrement(ref _inside[stripe]);
        if (Volatile.Read(ref _isClosed))
        {
            lock (_leaving)
            {
                Monitor.PulseAll(_leaving);
            }
        }
    }

    /// <summary>Closes it for good. False where one is still inside.</summary>
    public bool Close(TimeSpan timeout)
    {
        Volatile.Write(ref _isClosed, true);
        Interlocked.MemoryBarrier();
        var start = TimeProvider.System.GetTimestamp();
        lock (_leaving)
        {
            while (!IsEmpty())
            {
                var rest = timeout - TimeProvider.System.GetElapsedTime(start);
                if (rest <= TimeSpan.Zero || !Monitor.Wait(_leaving, rest))
                {
                    return IsEmpty();
                }
            }
        }

        return true;
    }

    private bool IsEmpty()
    {
        for (var i = 0; i < _inside.Length; i += Spacing)
        {
            if (Interlocked.Read(ref _inside[i]) != 0)
            {
                return false;
            }
        }

        return true;
    }
}
