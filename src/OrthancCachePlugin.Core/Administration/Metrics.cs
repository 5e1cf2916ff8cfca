using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>The figures of the status page as Orthanc's metrics, all of them gauges; names end with their unit.</summary>
public static class Metrics
{
    private const string Prefix = "orthanc_response_cache_";
    private const double Mebibyte = 1 << 20;

    public static IEnumerable<Metric> Read(Figures figures)
    {
        var serving = figures.Serving;
        var store = figures.ReadStore();
        var now = figures.History.Now();
        var minute = figures.History.Before(TimeSpan.FromMinutes(1));
        yield return Count("hits", serving.Hits);
        yield return Count("misses", serving.Misses);
        yield return Count("stale", serving.Routes.Sum(r => r.Stale));
        yield return Count("revalidations", serving.Revalidations);
        yield return Count("not_modified", serving.NotModified);
        yield return Count("bypasses", serving.Bypasses);
        yield return Count("failures", serving.Failures);
        yield return Count("waiting", serving.WaitingForOrigin);
        yield return Count("questions", figures.Queries.Calls);
        yield return Number("hit_time_ms", serving.HitLatency.TotalMicroseconds / 1000.0);
        yield return Number("hit_latency_median_ms", now.LatencySince(minute, 0.5) / 1000.0);
        yield return Number("hit_latency_p99_ms", now.LatencySince(minute, 0.99) / 1000.0);
        yield return Number("saved_ms", serving.SavedMicroseconds / 1000.0);
        yield return Number("disk_mb", store.BytesUsed / Mebibyte);
        yield return Number("disk_maximum_mb", store.MaximumBytes / Mebibyte);
        yield return Number("memory_mb", figures.MemoryBytesOf(store) / Mebibyte);
        yield return Number("memory_maximum_mb", figures.MaximumMemoryBytes / Mebibyte);
        yield return Count("memory_entries", figures.MemoryEntries);
        yield return Count("entries", store.Entries);
        yield return Count("recovered_entries", store.RecoveredEntries);
        yield return Number("oldest_entry_age_ms", figures.OldestEntryAgeOf(store).TotalMilliseconds);
        yield return Number("written_mb", serving.EncodedBytes / Mebibyte);
        yield return Number("written_uncompressed_mb", serving.DecodedBytes / Mebibyte);
        yield return Number("uptime_ms", figures.Uptime.TotalMilliseconds);
        yield return Count("evictions", store.Evictions);
        yield return Count("expiries", store.Expiries);
        yield return Count("writes", store.Writes);
        yield return Count("dropped_writes", store.DroppedWrites);
        yield return Count("damaged_reads", store.DamagedReads);
        yield return Count("write_queue", store.QueueLength);
        yield return Number("write_queue_mb", store.QueueBytes / Mebibyte);
        yield return Count("store_working", store.State == StoreState.Working ? 1 : 0);
        yield return Count("warmup_queue", figures.WarmUp.QueueLength);
        yield return Count("warmup_resources", figures.WarmUpCounters.Resources);
        yield return Count("warmup_responses", figures.WarmUpCounters.Stored);
        yield return Count("warmup_dropped", figures.WarmUp.Dropped);
        yield return Count("warmup_given_up", figures.WarmUpCounters.GivenUp);
    }

    private static Metric Count(string name, long value) => new($"{Prefix}{name}_count", value, IsInteger: true);

    private static Metric Number(string name, double value) => new(Prefix + name, value, IsInteger: false);
}

public readonly record struct Metric(string Name, double Value, bool IsInteger);
