using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>The counters as they were at one moment.</summary>
/// <param name="At">Ticks of the monotonic clock.</param>
/// <param name="FromCache">Hits and 304s.</param>
/// <param name="FromOrigin">Misses.</param>
/// <param name="Latency">Counts of <see cref="LatencyHistogram"/>.</param>
public sealed record ServingSample(long At, long FromCache, long FromOrigin, long[] Latency)
{
    /// <summary>Hits and 304s among all that could be answered from the cache since an earlier sample; null where there was nothing.</summary>
    public double? HitRatioSince(ServingSample earlier)
    {
        var hits = FromCache - earlier.FromCache;
        var all = hits + FromOrigin - earlier.FromOrigin;
        return all > 0 ? (double)hits / all : null;
    }

    /// <summary>A quantile of the latency since an earlier sample, in microseconds; 0 where there was nothing.</summary>
    public long LatencySince(ServingSample earlier, double quantile)
    {
        Span<long> counts = stackalloc long[LatencyHistogram.Classes];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = Latency[i] - earlier.Latency[i];
        }

        return LatencyHistogram.Quantile(counts, quantile);
    }
}
