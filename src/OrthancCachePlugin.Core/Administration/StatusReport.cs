using System.Globalization;
using System.Text.Json;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Tags;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Core.Administration;

/// <summary><c>GET /plugins/response-cache/status</c>: figures only, nothing of a patient.</summary>
internal static class StatusReport
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    public static byte[] Write(Figures figures) => JsonText.Write(writer =>
    {
        writer.WriteString("Version", figures.Version);
        writer.WriteString("OrthancVersion", figures.Host);
        writer.WriteNumber("UptimeSeconds", (long)figures.Uptime.TotalSeconds);
        WriteServing(writer, figures);
        WriteRoutes(writer, figures);
        var store = figures.ReadStore();
        WriteDisk(writer, store, figures.CompressionRatio);
        writer.WriteStartObject("Memory");
        writer.WriteNumber("Bytes", figures.MemoryBytesOf(store));
        writer.WriteNumber("MaximumBytes", figures.MaximumMemoryBytes);
        writer.WriteNumber("Entries", figures.MemoryEntries);
        writer.WriteEndObject();
        WriteTags(writer, figures);
        WriteWarmUp(writer, figures);
    });

    private static void WriteServing(Utf8JsonWriter writer, Figures figures)
    {
        var serving = figures.Serving;
        var now = figures.History.Now();
        var minute = figures.History.Before(Minute);
        writer.WriteStartObject("HitRatio");
        WriteRatio(writer, "LastMinute", now.HitRatioSince(minute));
        WriteRatio(writer, "LastHour", now.HitRatioSince(figures.History.Before(Hour)));
        WriteRatio(writer, "SinceStart", now.HitRatioSince(figures.History.Start));
        writer.WriteEndObject();

        writer.WriteStartObject("Requests");
        writer.WriteNumber("Hits", serving.Hits);
        writer.WriteNumber("Misses", serving.Misses);
        writer.WriteNumber("Stale", serving.Routes.Sum(r => r.Stale));
        writer.WriteNumber("Revalidations", serving.Revalidations);
        writer.WriteNumber("NotModified", serving.NotModified);
        writer.WriteNumber("Bypasses", serving.Bypasses);
        writer.WriteNumber("Failures", serving.Failures);
        writer.WriteNumber("WaitingForOrthanc", serving.WaitingForOrigin);
        writer.WriteEndObject();

        writer.WriteStartObject("HitLatency");
        writer.WriteNumber("LastMinuteMedianMicroseconds", now.LatencySince(minute, 0.5));
        writer.WriteNumber("LastMinute99thMicroseconds", now.LatencySince(minute, 0.99));
        WriteRatio(writer, "MeanMicroseconds", figures.MeanHitMicroseconds);
        writer.WriteEndObject();
        writer.WriteNumber("QuestionsToOrthanc", figures.Queries.Calls);
        writer.WriteNumber("TimeSavedSeconds", Math.Round(serving.SavedMicroseconds / 1e6, 3));
    }

    private static void WriteRoutes(Utf8JsonWriter writer, Figures figures)
    {
        writer.WriteStartArray("Routes");
        foreach (var counters in figures.Serving.Routes)
        {
            var route = counters.Route;
            writer.WriteStartObject();
            writer.WriteString("Route", route.HasTail ? route.Name + "/{n}/..." : route.Name);
            writer.WriteBoolean("OfInstances", RouteTable.Instances.Contains(route));
            writer.WriteNumber("Hits", counters.Hits);
            writer.WriteNumber("Misses", counters.Misses);
            writer.WriteNumber("Stale", counters.Stale);
            writer.WriteNumber("Revalidations", counters.Revalidations);
            writer.WriteNumber("NotModified", counters.NotModified);
            writer.WriteNumber("Bypasses", counters.Bypasses);
            writer.WriteNumber("TimeSavedSeconds", Math.Round(counters.SavedMicroseconds / 1e6, 3));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    internal static void WriteDisk(Utf8JsonWriter writer, StoreStatus store, double? compression)
    {
        writer.WriteStartObject("Disk");
        writer.WriteString("State", store.State switch
        {
            StoreState.Working => "Working",
            StoreState.Recovering => "Recovering",
            _ => "Disabled",
        });
        writer.WriteString("Reason", store.Reason);
        writer.WriteNumber("Bytes", store.BytesUsed);
        writer.WriteNumber("MaximumBytes", store.MaximumBytes);
        writer.WriteNumber("Entries", store.Entries);
        writer.WriteNumber("RecoveredEntries", store.RecoveredEntries);
        writer.WriteNumber("Evictions", store.Evictions);
        writer.WriteNumber("Expiries", store.Expiries);
        writer.WriteNumber("WriteQueue", store.QueueLength);
        writer.WriteNumber("WriteQueueBytes", store.QueueBytes);
        writer.WriteNumber("Writes", store.Writes);
        writer.WriteNumber("DroppedWrites", store.DroppedWrites);
        writer.WriteNumber("DamagedReads", store.DamagedReads);
        WriteTime(writer, "OldestEntry", store.OldestEntry);
        WriteRatio(writer, "CompressionRatio", compression);
        writer.WriteEndObject();
    }

    private static void WriteTags(Utf8JsonWriter writer, Figures figures)
    {
        if (figures.Tags is not { } tags)
        {
            return;
        }

        writer.WriteStartObject("Tags");
        writer.WriteNumber("Derived", tags.Derived);
        writer.WriteNumber("InstancesParsed", tags.Parsed);
        writer.WriteNumber("MemoryBytes", tags.MemoryBytes);
        writer.WriteStartObject("LeftToOrthanc");
        foreach (var reason in Enum.GetValues<NotDerived>())
        {
            writer.WriteNumber(reason.ToString(), tags.CountOf(reason));
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteWarmUp(Utf8JsonWriter writer, Figures figures)
    {
        var counters = figures.WarmUpCounters;
        writer.WriteStartObject("WarmUp");
        writer.WriteBoolean("Enabled", figures.Options.WarmUp);
        writer.WriteNumber("Queue", figures.WarmUp.QueueLength);
        writer.WriteNumber("Running", figures.WarmUp.Running);
        writer.WriteNumber("Dropped", figures.WarmUp.Dropped);
        writer.WriteNumber("Resources", counters.Resources);
        writer.WriteNumber("GivenUp", counters.GivenUp);
        writer.WriteNumber("ChangedMeanwhile", counters.ChangedMeanwhile);
        writer.WriteNumber("Deleted", counters.Deleted);
        writer.WriteNumber("ResponsesStored", counters.Stored);
        writer.WriteNumber("ResponsesCached", counters.Cached);
        writer.WriteNumber("ResponsesNotCached", counters.NotStored);
        writer.WriteNumber("Pauses", counters.Pauses);
        writer.WriteEndObject();
    }

    public static void WriteRatio(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, Math.Round(number, 4));
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    /// <summary>UTC in ISO 8601, or null for 0.</summary>
    public static void WriteTime(Utf8JsonWriter writer, string name, long unixMilliseconds)
    {
        if (unixMilliseconds > 0)
        {
            writer.WriteString(
                name, DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
