using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>
/// An Orthanc that keeps its history of commits. Each of its responses belongs to one moment, and before and after that moment
/// something else may happen: <see cref="Interleave"/>.
/// </summary>
internal sealed class SimulatedOrigin(FakeTimeProvider time, bool lastUpdateMovesOnDelete, bool keepsMd5, bool writesTags = false) : IOrigin
{
    private readonly List<OriginState> _history = [new OriginState { WritesTags = writesTags }];
    private int _contents;

    /// <summary>Called before and after each read.</summary>
    public Action Interleave { get; set; } = () => { };

    public ResponseLedger Ledger { get; } = new();

    /// <summary>Does not tell its settings.</summary>
    public bool IsSilent { get; set; }

    /// <summary>The number of the last commit.</summary>
    public int Last => _history.Count - 1;

    public OriginState Now => _history[^1];

    public OriginState At(int commit) => _history[commit];

    public OriginResponse Get(ReadOnlySpan<byte> path)
    {
        var text = Encoding.UTF8.GetString(path);
        Interleave();
        var response = Respond(text);
        Interleave();
        return new FakeResponse(response, Ledger);
    }

    /// <summary>Stores or overwrites an instance, its LastUpdate being the present second.</summary>
    public Commit Store(int instance, int size)
    {
        var resource = Tree.Instances[instance];
        var events = new List<(bool, Resource?)>();
        var now = Now;
        if (now.Instances.ContainsKey(instance))
        {
            now = Remove(now, instance, events, keepLastUpdate: true);
        }

        _contents++;
        foreach (var ancestor in Tree.AncestorsOf(instance))
        {
            now = now with { LastUpdate = now.LastUpdate.SetItem(ancestor, time.Seconds()) };
        }

        now = now with
        {
            Instances = now.Instances.SetItem(instance, new SimulatedInstance(_contents, size, _contents, time.Seconds())),
            LastChange = now.LastChange + 4,
        };
        events.Add((false, resource));
        events.AddRange(Tree.AncestorsOf(instance).Select(a => (false, (Resource?)a)));
        return Add(now, events);
    }

    /// <summary>Deletes a resource with all that is below it, and the ancestors that are left empty.</summary>
    public Commit? Delete(Resource resource)
    {
        if (!Now.Exists(resource))
        {
            return null;
        }

        var events = new List<(bool, Resource?)>();
        var now = Now;
        foreach (var instance in now.Below(resource).ToArray())
        {
            now = Remove(now, instance, events, keepLastUpdate: false);
        }

        return Add(now, events);
    }

    /// <summary>Writes metadata or an attachment of a user.</summary>
    public Commit? Annotate(Resource resource) => !Now.Exists(resource) ? null : Add(
        Now with
        {
            Annotations = Now.Annotations.SetItem(resource, Now.Annotations.GetValueOrDefault(resource) + 1),
            LastChange = Now.LastChange + 1,
        },
        [(false, null)]);

    /// <summary>Transcodes what is below a resource: other files of another size, and no event, no LastUpdate, no change.</summary>
    public Commit? Transcode(Resource resource)
    {
        var now = Now;
        foreach (var instance in now.Below(resource).ToArray())
        {
            _contents++;
            var old = now.Instances[instance];
            now = now with
            {
                Instances = now.Instances.SetItem(
                    instance, old with { Content = _contents, Attachment = _contents, Size = old.Size + 1024 }),
            };
        }

        return ReferenceEquals(now, Now) ? null : Add(now, []);
    }

    /// <summary>Sets what shapes responses.</summary>
    public Commit Set(int encoding) => Add(Now with { Encoding = encoding }, []);

    /// <summary>Changes the tags that name the folders of archives, and nothing else.</summary>
    public Commit? Rename(Resource study) =>
        !Now.Exists(study) ? null : Add(Now with { Names = Now.Names.SetItem(study, Now.NameOf(study) + 1) }, []);

    private OriginState Remove(OriginState now, int instance, List<(bool IsDeleted, Resource? Resource)> events, bool keepLastUpdate)
    {
        var resource = Tree.Instances[instance];
        now = now with { Instances = now.Instances.Remove(instance), Annotations = now.Annotations.Remove(resource) };
        events.Add((true, resource));
        foreach (var ancestor in Tree.AncestorsOf(instance))
        {
            if (!now.Exists(ancestor))
            {
                events.Add((true, ancestor));
                now = now with
                {
                    LastUpdate = now.LastUpdate.Remove(ancestor),
                    Annotations = now.Annotations.Remove(ancestor),
                    Names = now.Names.Remove(ancestor),
                };
            }
            else if (lastUpdateMovesOnDelete && !keepLastUpdate)
            {
                now = now with { LastUpdate = now.LastUpdate.SetItem(ancestor, time.Seconds()) };
            }
        }

        return now;
    }

    private Commit Add(OriginState state, IReadOnlyList<(bool, Resource?)> events)
    {
        _history.Add(state);
        return new Commit(Last, events);
    }

    private string? Respond(string path)
    {
        if (path == "/changes?last")
        {
            return Invariant($$"""{"Changes":[],"Done":true,"Last":{{Now.LastChange}} }""");
        }

        if (path == "/tools/default-encoding")
        {
            return IsSilent ? null : Invariant($"{Now.Encoding}");
        }

        if (path == "/plugins")
        {
            return "[]";
        }

        if (path == "/statistics")
        {
            return Statistics(Now.Instances.Keys, "Total");
        }

        var parts = path[1..].Split('/', 3);
        var resource = Tree.Find(parts[1]);
        return Now.Exists(resource) ? Respond(resource, parts.Length > 2 ? parts[2] : "") : null;
    }

    private string? Respond(Resource resource, string what)
    {
        var instance = resource.Level == ResourceLevel.Instance ? Now.Instances[Array.IndexOf(Tree.Instances, resource)] : null;
        return what switch
        {
            "metadata/LastUpdate" when instance is null => IsoTime(Now.LastUpdate[resource]),
            "metadata/ReceptionDate" when instance is not null => IsoTime(instance.Reception),
            "statistics" => Statistics(Now.Below(resource), "Dicom"),
            "attachments/dicom/md5" when instance is not null && keepsMd5 => Invariant($"{instance.Content:x32}"),
            "attachments/dicom/info" when instance is not null => Invariant($$"""{"Uuid":"{{instance.Attachment}}"}"""),
            "attachments/dicom/size" or "attachments/dicom/compressed-size" when instance is not null => Invariant($"{instance.Size}"),
            "instances" when resource.Level == ResourceLevel.Series => FilesOf(resource),
            "" => Invariant($$"""{"Type": "{{resource.Level}}", "MainDicomTags": { "n" : {{NamesOf(resource)}} }, {{ChildrenOf(resource)}} }"""),
            "studies" or "series" or "study" or "patient" => Invariant($$"""[ { "MainDicomTags": { "n" : {{NamesOf(resource)}} } } ]"""),
            _ => Now.Respond(resource, what),
        };
    }

    private string FilesOf(Resource series) => "[" + string.Join(',', Now.Below(series).Select(i => Invariant(
        $$"""{"ID":"{{Tree.Instances[i].Id}}","FileUuid":"{{Now.Instances[i].Attachment}}","ParentSeries":"{{series.Id}}"}"""))) + "]";

    private string NamesOf(Resource resource) =>
        $"\"{string.Join(',', Tree.Studies.Where(s => Now.Below(s).Intersect(Now.Below(resource)).Any()).Select(Now.NameOf))}\"";

    private string ChildrenOf(Resource resource)
    {
        var below = Now.Below(resource).ToArray();
        var (name, children) = resource.Level switch
        {
            ResourceLevel.Patient => ("Studies", below.Select(Tree.StudyOf)),
            ResourceLevel.Study => ("Series", below.Select(Tree.SeriesOf)),
            _ => ("Instances", below.Select(i => Tree.Instances[i])),
        };
        return $"\"{name}\":[{string.Join(',', children.Distinct().Select(c => $"\"{c.Id}\""))}]";
    }

    private string Statistics(IEnumerable<int> instances, string prefix)
    {
        var all = instances.ToArray();
        var bytes = all.Sum(i => Now.Instances[i].Size);
        return Invariant($$"""{"CountInstances":{{all.Length}},"{{prefix}}DiskSize":"{{bytes}}","{{prefix}}UncompressedSize":"{{bytes}}"}""");
    }

    private static string IsoTime(long seconds) =>
        DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
