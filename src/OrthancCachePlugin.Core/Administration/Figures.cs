using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>The source of all figures of status and metrics. Thread-safe.</summary>
public sealed class Figures(
    string version,
    string host,
    CacheOptions options,
    ResponseCache cache,
    IEntryStore store,
    OrthancApi queries,
    WarmUpService warmUp,
    WarmUpCounters warmUpCounters,
    TimeProvider time)
    : IDisposable
{
    private readonly long _start = time.GetTimestamp();

    public string Version { get; } = version;

    public string Host { get; } = host;

    public CacheOptions Options { get; } = options;

    public ServingCounters Serving { get; } = cache.Counters;

    public ServingHistory History { get; } = new(cache.Counters, time);

    public OrthancApi Queries { get; } = queries;

    public WarmUpService WarmUp { get; } = warmUp;

    public WarmUpCounters WarmUpCounters { get; } = warmUpCounters;

    public StoreStatus ReadStore() => store.GetStatus();

    public long MemoryBytesOf(StoreStatus status) => status.BytesInMemory + cache.Cached.BytesInMemory;

    public long MaximumMemoryBytes => ((long)Options.MemorySize << 20) + CachedResponses.MemoryBytes;

    public int MemoryEntries => cache.Cached.EntriesInMemory;

    public TimeSpan Uptime => time.GetElapsedTime(_start);

    /// <summary>Zero where there is none.</summary>
    public TimeSpan OldestEntryAgeOf(StoreStatus status) =>
        status.OldestEntry is > 0 and var at ? time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(at) : TimeSpan.Zero;

    /// <summary>Decoded bytes for each stored byte since the start; null before the first.</summary>
    public double? CompressionRatio => Serving.EncodedBytes > 0 ? (double)Serving.DecodedBytes / Serving.EncodedBytes : null;

    /// <summary>Of hits and 304s since the start; null before the first.</summary>
    public double? MeanHitMicroseconds
    {
        get
        {
            var count = Serving.Hits + Serving.NotModified;
            return count > 0 ? (double)Serving.HitLatency.TotalMicroseconds / count : null;
        }
    }

    public void Dispose() => History.Dispose();
}
