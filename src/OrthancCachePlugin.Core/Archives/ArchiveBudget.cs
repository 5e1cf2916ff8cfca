namespace OrthancCachePlugin.Core.Archives;

/// <summary>Memory for archives that go through a buffer, of all requests together. Thread-safe.</summary>
public sealed class ArchiveBudget(long size, TimeProvider time)
{
    private readonly object _monitor = new();
    private long _free = size;

    public long Size { get; } = size;

    /// <summary>Waits for room. Gives it back; null where there was none in time.</summary>
    public IDisposable? TryTake(long bytes, TimeSpan timeout)
    {
        lock (_monitor)
        {
            if (_free < bytes && !WaitForRoom(bytes, timeout))
            {
                return null;
            }

            _free -= bytes;
            return new Share(this, bytes);
        }
    }

    private bool WaitForRoom(long bytes, TimeSpan timeout)
    {
        var start = time.GetTimestamp();
        for (var left = timeout; _free < bytes && left > TimeSpan.Zero; left = timeout - time.GetElapsedTime(start))
        {
            Monitor.Wait(_monitor, left);
        }

        return _free >= bytes;
    }

    private void GiveBack(long bytes)
    {
        lock (_monitor)
        {
            _free += bytes;
            Monitor.PulseAll(_monitor);
        }
    }

    private sealed class Share(ArchiveBudget budget, long bytes) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) == 0)
            {
                budget.GiveBack(bytes);
            }
        }
    }
}
