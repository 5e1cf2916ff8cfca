using System.Buffers;
using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.WarmUp;

public enum JobStep
{
    Continue,
    Success,

    Failure, // it cannot be done; the content says why
}

/// <summary>A warm-up on demand. Orthanc's jobs engine calls <see cref="Step"/> again and again on one thread, and the rest on any. A step takes
/// about a tenth of a second, or one request to the origin, so that a job can be paused and canceled.</summary>
public sealed class WarmUpJob
{
    public const string Type = "ResponseCacheWarmUp";

    private static readonly long Slice = TimeSpan.FromMilliseconds(100).Ticks;
    private static readonly TimeSpan SettlingInterval = TimeSpan.FromMilliseconds(250);

    private static readonly long MaximumSettling = TimeSpan.FromSeconds(20).Ticks; // for one named resource that is too young

    /// <summary>For a whole job; in the whole archive some resource is always too young.</summary>
    private static readonly long Timeout = TimeSpan.FromSeconds(30).Ticks;

    private static readonly long FailureInterval = TimeSpan.FromSeconds(1).Ticks; // doubles with each failure

    /// <summary>A throttled job rests as long as each request took, up to this.</summary>
    private static readonly long MaximumRest = TimeSpan.FromSeconds(1).Ticks;

    private readonly WarmUpJobs _owner;
    private readonly IJobWork _work;
    private Queue<(Resource Resource, WarmUpRoute Route)>? _current;
    private int _currentTotal;
    private long _settlingEnd;
    private long _timeout = Timeout;
    private long _restUntil;
    private int _failures;
    private int _left;
    private volatile string _failure = "";
    private JobCounts _counts;

    /// <summary>As they were after the last resource that is done: after a restart, the resource under way is done again.</summary>
    private JobCounts _savedCounts;

    internal WarmUpJob(WarmUpJobs owner, IJobWork work, JobCounts? counts = null)
    {
        _owner = owner;
        _work = work;
        _counts = _savedCounts = counts ?? new();
    }

    public bool HasEnded { get; private set; } // true once the engine has ended it, successfully or not

    public bool HasSucceeded { get; private set; }

    public float Progress
    {
        get
        {
            var total = _work.Total;
            var part = _currentTotal == 0 ? 0 : 1 - ((float)Volatile.Read(ref _left) / _currentTotal);
            return HasSucceeded ? 1 : total == 0 ? 0 : Math.Clamp((_work.Done + part) / total, 0, 1);
        }
    }

    public JobStep Step()
    {
        if (!_owner.CanWork(out var failure))
        {
            if (failure.Length > 0)
            {
                _failure = failure;
                return JobStep.Failure;
            }

            _owner.Wait(LoadGate.Interval);
            return JobStep.Continue;
        }

        if (!_work.Prepare())
        {
            return JobStep.Continue;
        }

        var end = _owner.Now + Slice;
        do
        {
            var rest = _restUntil - _owner.Now;
            if (rest > 0)
            {
                _owner.Wait(TimeSpan.FromTicks(Math.Min(rest, Slice)));
                return JobStep.Continue;
            }

            if (!TryTake(out var resource, out var route))
            {
                return JobStep.Success;
            }

            if (!TryWarm(resource, route))
            {
                return JobStep.Continue;
            }
        }
        while (_owner.Now < end && !_owner.IsBusy);

        return JobStep.Continue;
    }

    public void Stop(bool hasEnded, bool hasSucceeded)
    {
        HasSucceeded = hasSucceeded;
        HasEnded = hasEnded;
        _owner.Wake();
    }

    public void Reset()
    {
        _work.Reset();
        _current = null;
        _currentTotal = 0;
        _failures = 0;
        _counts = _savedCounts = new();
        _failure = "";
        _timeout = Timeout;
        HasEnded = false;
        HasSucceeded = false;
    }

    /// <summary>The content in <c>/jobs/{id}</c>: counts only.</summary>
    public byte[] GetContent() => Write(writer =>
    {
        var counts = Volatile.Read(ref _counts);
        writer.WriteString("Description", "Warm-up of the response cache");
        writer.WriteNumber("ResourcesCount", _work.Total);
        writer.WriteNumber("ResourcesDone", _work.Done);
        writer.WriteNumber("ResponsesStored", counts.Stored);
        writer.WriteNumber("ResponsesCached", counts.Cached);
        writer.WriteNumber("ResponsesNotCached", counts.NotStored);
        writer.WriteNumber("ResponsesUnsettled", counts.Unsettled);
        writer.WriteNumber("ResourcesDeleted", counts.Deleted);
        if (_failure.Length > 0)
        {
            writer.WriteString("Failure", _failure);
        }
    });

    public byte[] GetSerialized() => Write(writer =>
    {
        writer.WriteNumber("Format", 1);
        Volatile.Read(ref _savedCounts).Save(writer);
        _work.Save(writer);
    });

    private bool TryTake(out Resource resource, out WarmUpRoute route)
    {
        while (_current is null or { Count: 0 })
        {
            if (_current is not null)
            {
                _current = null;
                Volatile.Write(ref _savedCounts, _counts);
                _work.Advance();
            }

            var next = _work.Next();
            if (next is null)
            {
                (resource, route) = (default, null!);
                return false;
            }

            _current = new();
            foreach (var each in next)
            {
                foreach (var ofLevel in _owner.Routes.Of(each.Level))
                {
                    _current.Enqueue((each, ofLevel));
                }
            }

            _currentTotal = _current.Count;
            Volatile.Write(ref _left, _currentTotal);
            _settlingEnd = _work.IsThrottled ? 0 : _owner.Now + MaximumSettling;
        }

        (resource, route) = _current.Peek();
        return true;
    }

    /// <summary>False where Orthanc does not answer: the same route is tried again.</summary>
    private bool TryWarm(Resource resource, WarmUpRoute route)
    {
        var start = _owner.Now;
        if (_owner.TryWarm(resource, route) is not { } outcome)
        {
            return false;
        }

        var took = _owner.Now - start;
        if ((outcome == WarmUpOutcome.Unsettled && MayWait()) || (outcome == WarmUpOutcome.Busy && HasTimeout()))
        {
            _restUntil = _owner.Now + SettlingInterval.Ticks;
            return true;
        }

        if (outcome == WarmUpOutcome.Failed && MayTryAgain(out var delay))
        {
            _restUntil = _owner.Now + delay;
            return true;
        }

        _failures = 0;
        Volatile.Write(ref _counts, _counts.With(outcome));
        _current!.Dequeue();
        if (outcome == WarmUpOutcome.Deleted)
        {
            while (_current.TryPeek(out var same) && same.Resource == resource)
            {
                _current.Dequeue();
            }
        }

        Volatile.Write(ref _left, _current.Count);
        if (_work.IsThrottled && outcome is WarmUpOutcome.Stored or WarmUpOutcome.NotCached or WarmUpOutcome.Failed)
        {
            _restUntil = _owner.Now + Math.Min(took, MaximumRest);
        }

        return true;
    }

    private bool MayWait() => _work.IsThrottled ? HasTimeout() : _owner.Now < _settlingEnd;

    private bool HasTimeout()
    {
        _timeout -= SettlingInterval.Ticks;
        return _timeout > 0;
    }

    private bool MayTryAgain(out long delay)
    {
        delay = FailureInterval << _failures;
        if (delay > _timeout)
        {
            return false;
        }

        _failures++;
        _timeout -= delay;
        return true;
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary>What a job has counted. Immutable.</summary>
internal sealed record JobCounts
{
    public long Stored { get; private init; }

    public long Cached { get; private init; }

    public long NotStored { get; private init; }

    public long Deleted { get; private init; }

    public long Unsettled { get; private init; }

    public JobCounts With(WarmUpOutcome outcome) => outcome switch
    {
        WarmUpOutcome.Stored => this with { Stored = Stored + 1 },
        WarmUpOutcome.Cached => this with { Cached = Cached + 1 },
        WarmUpOutcome.Deleted => this with { Deleted = Deleted + 1 },
        WarmUpOutcome.Unsettled => this with { Unsettled = Unsettled + 1 },
        _ => this with { NotStored = NotStored + 1 },
    };

    public static JobCounts Read(JsonElement saved) => new()
    {
        Stored = Number(saved, nameof(Stored)),
        Cached = Number(saved, "Held"),
        NotStored = Number(saved, "NotKept"),
        Deleted = Number(saved, "Gone"),
        Unsettled = Number(saved, nameof(Unsettled)),
    };

    /// <summary>Writes members of an object. Their names are in the databases of servers.</summary>
    public void Save(Utf8JsonWriter writer)
    {
        writer.WriteNumber(nameof(Stored), Stored);
        writer.WriteNumber("Held", Cached);
        writer.WriteNumber("NotKept", NotStored);
        writer.WriteNumber("Gone", Deleted);
        writer.WriteNumber(nameof(Unsettled), Unsettled);
    }

    private static long Number(JsonElement saved, string name) =>
        saved.TryGetProperty(name, out var member) && member.TryGetInt64(out var value) && value > 0 ? value : 0;
}

/// <summary>Makes jobs and gives them what they work with. Once disposed of, no job asks Orthanc any more. Thread-safe.</summary>
public sealed class WarmUpJobs(
    WarmUpRoutes routes, IWarmer warmer, OrthancApi api, LoadGate gate, IEntryStore store, WarmUpCounters counters, TimeProvider time)
    : IDisposable
{
    /// <summary>In one request: Orthanc stores them in its database after each step.</summary>
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
