using System.Text.Json;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp.Jobs;

/// <summary>
/// Every study of the archive, the one that changed last first, each with its series and its patient. What is needed to go on after
/// a restart is the place in that order: the time and the identifier of the study that was done last.
/// </summary>
internal sealed class ArchiveWork(ResourceTree tree, TimeProvider time, ArchiveCursor? cursor = null) : IJobWork
{
    private static readonly long Slice = TimeSpan.FromMilliseconds(100).Ticks;

    /// <summary>Patients of several studies are warmed with the first of them; more than this are not remembered.</summary>
    private const int RememberedPatients = 1 << 16;

    private readonly HashSet<ResourceId> _patients = [];
    private ArchiveCursor? _cursor = cursor;
    private IReadOnlyList<ResourceId>? _studies;
    private List<ArchiveCursor> _order = [];
    private int _read;
    private int _position;
    private int _doneBefore = cursor?.Done ?? 0;
    private bool _isPrepared;

    /// <inheritdoc/>
    public int Done => Volatile.Read(ref _doneBefore) + Volatile.Read(ref _position);

    /// <inheritdoc/>
    public int Total => Volatile.Read(ref _doneBefore) + Volatile.Read(ref _order).Count;

    /// <inheritdoc/>
    public bool IsThrottled => true;

    /// <inheritdoc/>
    public bool Prepare()
    {
        if (_isPrepared)
        {
            return true;
        }

        _studies ??= tree.Studies();
        if (_studies.Count == 0 && !tree.HasResponded())
        {
            _studies = null;
            return false;
        }

        var end = time.GetTimestampTicks() + Slice;
        for (; _read < _studies.Count && time.GetTimestampTicks() < end; _read++)
        {
            var at = new ArchiveCursor(tree.LastUpdate(new Resource(ResourceLevel.Study, _studies[_read])), _studies[_read], 0);

            // Studies that have changed since the last run are newer than the place: events told of them.
            if (_cursor is not { } last || at.CompareTo(last) > 0)
            {
                _order.Add(at);
            }
        }

        if (_read < _studies.Count)
        {
            return false;
        }

        var order = new List<ArchiveCursor>(_order);
        order.Sort();
        Volatile.Write(ref _order, order);
        _studies = null;
        _isPrepared = true;
        return true;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Resource>? Next()
    {
        if (_position >= _order.Count)
        {
            return null;
        }

        var study = new Resource(ResourceLevel.Study, _order[_position].Study);
        var patient = tree.PatientOf(study);
        return patient is { } known && _patients.Count < RememberedPatients && _patients.Add(known.Id)
            ? [.. tree.WithChildren(study), known]
            : tree.WithChildren(study);
    }

    /// <inheritdoc/>
    public void Advance()
    {
        _cursor = _order[_position];
        Interlocked.Increment(ref _position);
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
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
