using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>The resources of a job, in order. Used by one thread; <see cref="Done"/> and <see cref="Total"/> by any.</summary>
internal interface IJobWork
{
    int Done { get; }

    /// <summary>As far as is known.</summary>
    int Total { get; }

    /// <summary>True where it yields to clients and waits for nothing; false where somebody named the resources and wants them soon.</summary>
    bool IsThrottled { get; }

    /// <summary>Prepares for about a tenth of a second. True once <see cref="Next"/> can be called.</summary>
    bool Prepare();

    /// <summary>The next resource with its children, the smallest first; null at the end.</summary>
    IReadOnlyList<Resource>? Next();

    void Advance();

    void Reset();

    void Save(Utf8JsonWriter writer);
}

internal sealed class ListWork(OrthancApi api, IReadOnlyList<Resource> resources, int done = 0) : IJobWork
{
    private int _done = Math.Clamp(done, 0, resources.Count);

    public int Done => Volatile.Read(ref _done);

    public int Total => resources.Count;

    public bool IsThrottled => false;

    public bool Prepare() => true;

    public IReadOnlyList<Resource>? Next() => Done < Total ? api.WithChildren(resources[Done]) : null;

    public void Advance() => Interlocked.Increment(ref _done);

    public void Reset() => Volatile.Write(ref _done, 0);

    public void Save(Utf8JsonWriter writer)
    {
        writer.WriteNumber(nameof(Done), Done);
        writer.WriteStartArray("Resources");
        foreach (var resource in resources)
        {
            writer.WriteStringValue($"{Encoding.ASCII.GetString(ResourceLevels.PathOf(resource.Level))}/{resource.Id}");
        }

        writer.WriteEndArray();
    }
}

/// <summary>Every study with its series and its patient, the one that changed last first. After a restart it continues behind the study that was done
/// last.</summary>
internal sealed class ArchiveWork(OrthancApi api, TimeProvider time, ArchiveCursor? cursor = null) : IJobWork
{
    private static readonly long Slice = TimeSpan.FromMilliseconds(100).Ticks;

    /// <summary>A patient of several studies is warmed with the first of them; more patients than this are not remembered.</summary>
    private const int MaximumPatients = 1 << 16;

    private readonly HashSet<ResourceId> _patients = [];
    private ArchiveCursor? _cursor = cursor;
    private IReadOnlyList<ResourceId>? _studies;
    private List<ArchiveCursor> _order = [];
    private int _read;
    private int _position;
    private int _doneBefore = cursor?.Done ?? 0;
    private bool _isPrepared;

    public int Done => Volatile.Read(ref _doneBefore) + Volatile.Read(ref _position);

    public int Total => Volatile.Read(ref _doneBefore) + Volatile.Read(ref _order).Count;

    public bool IsThrottled => true;

    public bool Prepare()
    {
        if (_isPrepared)
        {
            return true;
        }

        _studies ??= api.Studies();
        if (_studies.Count == 0 && !api.HasResponded())
        {
            _studies = null;
            return false;
        }

        var end = time.GetTimestampTicks() + Slice;
        for (; _read < _studies.Count && time.GetTimestampTicks() < end; _read++)
        {
            _ = api.TryGetLastUpdate(new Resource(ResourceLevel.Study, _studies[_read]), out var changedAt);
            var at = new ArchiveCursor(changedAt, _studies[_read], 0);

            // Studies that changed since the last run come before the cursor; events have told of them.
            if (_cursor is not { } last || ArchiveCursor.Compare(at, last) > 0)
            {
                _order.Add(at);
            }
        }

        if (_read < _studies.Count)
        {
            return false;
        }

        var order = new List<ArchiveCursor>(_order);
        order.Sort(ArchiveCursor.Compare);
        Volatile.Write(ref _order, order);
        _studies = null;
        _isPrepared = true;
        return true;
    }

    public IReadOnlyList<Resource>? Next()
    {
        if (_position >= _order.Count)
        {
            return null;
        }

        var study = new Resource(ResourceLevel.Study, _order[_position].Study);
        var patient = api.PatientOf(study);
        return patient is { } known && _patients.Count < MaximumPatients && _patients.Add(known.Id)
            ? [.. api.WithChildren(study), known]
            : api.WithChildren(study);
    }

    public void Advance()
    {
        _cursor = _order[_position];
        Interlocked.Increment(ref _position);
    }

    public void Reset()
    {
        _cursor = null;
        _studies = null;
        _patients.Clear();
        Volatile.Write(ref _order, []);
        _read = 0;
        _position = 0;
        _doneBefore = 0;
        _isPrepared = false;
    }

    public void Save(Utf8JsonWriter writer)
    {
        writer.WriteBoolean("All", true);
        if (_cursor is { } last)
        {
            writer.WriteNumber(nameof(Done), Done);
            writer.WriteNumber("LastTime", last.Time);
            writer.WriteString("LastStudy", last.Study.ToString());
        }
    }
}

internal readonly record struct ArchiveCursor(long Time, ResourceId Study, int Done)
{
    /// <summary>The newest study first; equal times in the order of the identifiers.</summary>
    public static int Compare(ArchiveCursor left, ArchiveCursor right) =>
        (right.Time, left.Study.Word0, left.Study.Word1, left.Study.Word2).CompareTo((left.Time, right.Study.Word0, right.Study.Word1, right.Study.Word2));
}
