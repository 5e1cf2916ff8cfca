using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>What became of the requests of one route since the start. Thread-safe.</summary>
public sealed class RouteCounters(Route route)
{
    private long _hits;
    private long _misses;
    private long _stale;
    private long _notModified;
    private long _bypasses;
    private long _revalidations;
    private long _savedMicroseconds;

    public Route Route { get; } = route;

    /// <summary>Answers with a body that the core was not asked for.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Answers that the core was asked for, because none was held or the one held was of an older version.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Those of the misses where an answer of an older version was held.</summary>
    public long Stale => Interlocked.Read(ref _stale);

    public long NotModified => Interlocked.Read(ref _notModified);

    /// <summary>Answers of the core that are never kept: binary, of unknown arguments, forbidden by the client.</summary>
    public long Bypasses => Interlocked.Read(ref _bypasses);

    /// <summary>Requests for which the core was asked whether the version still holds.</summary>
    public long Revalidations => Interlocked.Read(ref _revalidations);

    /// <summary>Sum over hits of what the core had needed for the answer.</summary>
    public long SavedMicroseconds => Interlocked.Read(ref _savedMicroseconds);

    /// <summary>Requests, however they were answered.</summary>
    public long Requests => Hits + Misses + NotModified + Bypasses;

    internal void Hit(long savedMicroseconds)
    {
        Interlocked.Increment(ref _hits);
        Interlocked.Add(ref _savedMicroseconds, savedMicroseconds);
    }

    internal void Miss(bool isStale)
    {
        Interlocked.Increment(ref _misses);
        if (isStale)
        {
            Interlocked.Increment(ref _stale);
        }
    }

    internal void NotModifiedSent() => Interlocked.Increment(ref _notModified);

    internal void Bypass() => Interlocked.Increment(ref _bypasses);

    internal void Revalidated() => Interlocked.Increment(ref _revalidations);
}
