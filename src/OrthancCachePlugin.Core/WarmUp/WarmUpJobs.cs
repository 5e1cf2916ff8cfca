using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>Makes jobs and gives them what they work with. Once disposed of, no job asks Orthanc any more. Thread-safe.</summary>
public sealed class WarmUpJobs(
    WarmUpRoutes routes, IWarmer warmer, OrthancApi api, LoadGate gate, IEntryStore store, WarmUpCounters counters, TimeProvider time)
    : IDisposable
{
    public const int MaximumResources = 10_000;

    private readonly TimedSignal _signal = new(time);
    private volatile bool _isStopping;
    private volatile bool _hasResponded;

    internal WarmUpRoutes Routes => routes;

    internal long Now => time.GetTimestampTicks();

    internal bool IsBusy => gate.IsBusy();

    public WarmUpJob ForResources(IReadOnlyList<Resource> resources) => new(this, new ListWork(api, resources));

    public WarmUpJob ForAll() => new(this, new ArchiveWork(api, time));

    /// <summary>The job that <see cref="WarmUpJob.GetSerialized"/> wrote; null where it cannot be read.</summary>
    public WarmUpJob? TryRestore(ReadOnlySpan<byte> serialized)
    {
        try
        {
            var reader = new Utf8JsonReader(serialized);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.GetProperty("Format").GetInt32() != 1)
            {
                return null;
            }

            var done = root.TryGetProperty("Done", out var number) ? number.GetInt32() : 0;
            if (root.TryGetProperty("All", out var all) && all.GetBoolean())
            {
                ArchiveCursor? cursor = root.TryGetProperty("LastStudy", out var study)
                    && OrthancApi.TryParseId(study.GetString() ?? "", out var id)
                        ? new ArchiveCursor(root.GetProperty("LastTime").GetInt64(), id, done)
                        : null;
                return new WarmUpJob(this, new ArchiveWork(api, time, cursor), JobCounts.Read(root));
            }

            var resources = root.GetProperty("Resources").EnumerateArray().Select(r => ParseResource(r.GetString() ?? "")).ToArray();
            return new WarmUpJob(this, new ListWork(api, resources, done), JobCounts.Read(root));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    public void WaitForEnd(WarmUpJob job, TimeSpan maximum)
    {
        var version = _signal.Version;
        if (!job.HasEnded)
        {
            _signal.Wait(version, maximum);
        }
    }

    public bool IsStopping => _isStopping;

    /// <summary>No job continues: Orthanc has begun to stop and saves jobs as they are.</summary>
    public void Stop() => _isStopping = true;

    public void Dispose()
    {
        Stop();
        _signal.Dispose();
    }

    private bool LooksForOrigin() => _hasResponded = api.HasResponded();

    /// <summary>Null where Orthanc does not answer at all: to be tried again.</summary>
    internal WarmUpOutcome? TryWarm(Resource resource, WarmUpRoute route)
    {
        var outcome = warmer.Warm(resource, route);
        if (outcome == WarmUpOutcome.Deleted && !LooksForOrigin())
        {
            return null;
        }

        counters.Count(outcome);
        return outcome;
    }

    internal void Wait(TimeSpan span) => _signal.Wait(_signal.Version, span);

    internal void Wake() => _signal.Set();

    /// <summary>Whether a job may work now.</summary>
    internal bool CanWork(out string failure)
    {
        failure = "";
        if (_isStopping)
        {
            return false;
        }

        if (!_hasResponded && !LooksForOrigin())
        {
            return false;
        }

        if (gate.IsBusy())
        {
            counters.Paused();
            return false;
        }

        var status = store.GetStatus();
        if (status.State == StoreState.Disabled)
        {
            failure = $"The disk cache does not work: {status.Reason}";
        }

        return status.State == StoreState.Working && !status.IsBehind;
    }

    private static Resource ParseResource(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 2
            && ResourceLevels.TryParse(Encoding.UTF8.GetBytes(parts[0]), out var level)
            && OrthancApi.TryParseId(parts[1], out var id)
                ? new Resource(level, id)
                : throw new FormatException();
    }
}
