namespace OrthancCachePlugin.Core.Serving;

/// <summary>What became of the requests since the start. Thread-safe.</summary>
public sealed class ServingCounters
{
    private long _hits;
    private long _misses;
    private long _notModified;
    private long _bypasses;
    private long _failures;
    private long _savedMicroseconds;

    public long Hits => Interlocked.Read(ref _hits);

    public long Misses => Interlocked.Read(ref _misses);

    public long NotModified => Interlocked.Read(ref _notModified);

    public long Bypasses => Interlocked.Read(ref _bypasses);

    /// <summary>Requests in which something of ours failed and the core answered.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Sum over hits of what the core had needed for the answer.</summary>
    public long SavedMicroseconds => Interlocked.Read(ref _savedMicroseconds);

    internal void Hit(long savedMicroseconds)
    {
        Interlocked.Increment(ref _hits);
        Interlocked.Add(ref _savedMicroseconds, savedMicroseconds);
    }

    internal void Miss() => Interlocked.Increment(ref _misses);

    internal void NotModifiedSent() => Interlocked.Increment(ref _notModified);

    internal void Bypass() => Interlocked.Increment(ref _bypasses);

    internal void Failure() => Interlocked.Increment(ref _failures);
}
