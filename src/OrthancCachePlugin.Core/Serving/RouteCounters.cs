using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>What became of the requests of one route since the start. Thread-safe.</summary>
public sealed class RouteCounters(Route route)
{
    private readonly StripedCounters _counts = new((int)Count.SavedMicroseconds + 1);

    private enum Count
    {
        Hits,
        Misses,
        Stale,
        NotModified,
        Bypasses,
        Revalidations,
        SavedMicroseconds,
    }

    public Route Route { get; } = route;

    /// <summary>Answers with a body that the origin was not asked for.</summary>
    public long Hits => _counts[(int)Count.Hits];

    /// <summary>Answers that the origin was asked for, because none was held or the one held was of an older version.</summary>
    public long Misses => _counts[(int)Count.Misses];

    /// <summary>Those of the misses where a response of an older version was held.</summary>
    public long Stale => _counts[(int)Count.Stale];

    public long NotModified => _counts[(int)Count.NotModified];

    /// <summary>Answers of the origin that are never kept: binary, of unknown arguments, forbidden by the client.</summary>
    public long Bypasses => _counts[(int)Count.Bypasses];

    /// <summary>Requests for which the origin was asked whether the version still holds.</summary>
    public long Revalidations => _counts[(int)Count.Revalidations];

    /// <summary>Sum over hits of what the origin had needed for the response.</summary>
    public long SavedMicroseconds => _counts[(int)Count.SavedMicroseconds];

    /// <summary>Requests, however they were answered.</summary>
    public long Requests => Hits + Misses + NotModified + Bypasses;

    internal void Hit(long savedMicroseconds)
    {
        Add(Count.Hits);
        Add(Count.SavedMicroseconds, savedMicroseconds);
    }

    internal void Miss(bool isStale)
    {
        Add(Count.Misses);
        if (isStale)
        {
            Add(Count.Stale);
        }
    }

    internal void NotModifiedSent() => Add(Count.NotModified);

    internal void Bypass() => Add(Count.Bypasses);

    internal void Revalidated() => Add(Count.Revalidations);

    private void Add(Count count, long value = 1) => _counts.Add((int)count, value);
}
