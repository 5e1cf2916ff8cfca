using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>Where all figures come from that are shown to whoever runs the server. Thread-safe.</summary>
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

    /// <summary>The plugin's version.</summary>
    public string Version { get; } = version;

    /// <summary>The version of the host.</summary>
    public string Host { get; } = host;

    public CacheOptions Options { get; } = options;

    public ServingCounters Serving { get; } = cache.Counters;

    public ServingHistory History { get; } = new(cache.Counters, time);

    public OrthancApi Queries { get; } = queries;

    public WarmUpService WarmUp { get; } = warmUp;

    public WarmUpCounters WarmUpCounters { get; } = warmUpCounters;

    /// <summary>The store's figures now; to be asked once for all that is shown together.</summary>
    public StoreStatus ReadStore() => store.GetStatus();

    /// <summary>Bytes of memory: of the log, and of responses that are asked for again and again.</summary>
    public long MemoryBytesOf(StoreStatus status) => status.BytesInMemory + cache.Kept.HotBytes;

    /// <summary>What <see cref="MemoryBytesOf"/> may be at most.</summary>
    public long MaximumMemoryBytes => ((long)Options.MemorySize << 20) + CachedResponses.MemoryBytes;

    /// <summary>Answers that memory holds ready to send.</summary>
    public int MemoryEntries => cache.Kept.HotEntries;

    public TimeSpan Uptime => time.GetElapsedTime(_start);

    /// <summary>How long the oldest entry has been held; zero where there is none.</summary>
    public TimeSpan OldestEntryAgeOf(StoreStatus status) =>
        status.OldestEntry is > 0 and var at ? time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(at) : TimeSpan.Zero;

    /// <summary>Decoded bytes for each byte kept, over what was written since the start; null before.</summary>
    public double? CompressionRatio => Serving.EncodedBytes > 0 ? (double)Serving.DecodedBytes / Serving.EncodedBytes : null;

    /// <summary>Mean duration of hits and 304s since the start, in microseconds; null before the first.</summary>
    public double? MeanHitMicroseconds
    {
        get
        {
            var count = Serving.Hits + Serving.NotModified;
            return count > 0 ? (double)Serving.HitLatency.TotalMicroseconds / count : null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => History.Dispose();
}
