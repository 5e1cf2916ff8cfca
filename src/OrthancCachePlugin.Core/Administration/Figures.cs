using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Tags;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Core.Administration;

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

    public FigureHistory Plots { get; } = new(
        () => ServingSample.Of(cache.Counters, time), () => store.GetStatus().BytesOfEntries, time);

    public OrthancApi Queries { get; } = queries;

    public WarmUpService WarmUp { get; } = warmUp;

    public WarmUpCounters WarmUpCounters { get; } = warmUpCounters;

    /// <summary>Null where no tags are derived.</summary>
    internal DerivedTags? Tags => cache.Tags;

    public StoreStatus ReadStore() => store.GetStatus();

    public long MemoryBytesOf(StoreStatus status) => status.BytesInMemory + cache.Cached.BytesInMemory;

    public long MaximumMemoryBytes => ((long)Options.MemorySize << 20) + CachedResponses.MemoryBytes;

    public int MemoryEntries => cache.Cached.EntriesInMemory;

    public TimeSpan Uptime => time.GetElapsedTime(_start);

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

    public void Dispose()
    {
        History.Dispose();
        Plots.Dispose();
    }
}

/// <summary>The counters of the last hour, sampled every ten seconds. Thread-safe.</summary>
public sealed class ServingHistory : IDisposable
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private const int Capacity = 361; // an hour and its beginning; about 100 KiB
    private readonly Lock _lock = new();
    private readonly Queue<ServingSample> _samples = new(Capacity);
    private readonly ServingCounters _counters;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public ServingHistory(ServingCounters counters, TimeProvider time)
    {
        _counters = counters;
        _time = time;
        Start = Now();
        _samples.Enqueue(Start);
        _timer = time.CreateTimer(_ => Sample(), null, Interval, Interval);
    }

    public ServingSample Start { get; }

    public ServingSample Now() => ServingSample.Of(_counters, _time);

    public ServingSample Before(TimeSpan age)
    {
        var at = _time.GetTimestampTicks() - age.Ticks;
        lock (_lock)
        {
            var found = _samples.Peek();
            foreach (var sample in _samples)
            {
                if (sample.At > at)
                {
                    break;
                }

                found = sample;
            }

            return found;
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Sample()
    {
        try
        {
            var sample = Now();
            lock (_lock)
            {
                if (_samples.Count == Capacity)
                {
                    _samples.Dequeue();
                }

                _samples.Enqueue(sample);
            }
        }
        catch (Exception)
        {
            // An exception on the timer's thread would end the process.
        }
    }
}

/// <summary>The counters at one moment, in ticks of the monotonic clock.</summary>
public sealed record ServingSample(long At, long FromCache, long FromOrigin, long Bypasses, long[] Latency)
{
    public static ServingSample Of(ServingCounters counters, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(counters);
        var latency = new long[LatencyHistogram.Classes];
        counters.HitLatency.CopyTo(latency);
        return new ServingSample(time.GetTimestampTicks(), counters.Hits + counters.NotModified, counters.Misses, counters.Bypasses, latency);
    }

    public static ServingSample Zero(long at) => new(at, 0, 0, 0, new long[LatencyHistogram.Classes]);

    public bool IsBelow(ServingSample earlier) =>
        FromCache < earlier.FromCache || FromOrigin < earlier.FromOrigin || Bypasses < earlier.Bypasses;

    public double? HitRatioSince(ServingSample earlier)
    {
        var hits = FromCache - earlier.FromCache;
        var all = hits + FromOrigin - earlier.FromOrigin;
        return all > 0 ? (double)hits / all : null;
    }

    /// <summary>A quantile since an earlier sample, in microseconds; 0 without requests.</summary>
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
