using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Archives;

/// <summary>One file of an archive.</summary>
/// <param name="Size">Bytes of that file when it was received.</param>
public readonly record struct ArchiveFile(string Name, ResourceId Instance, long Size);

/// <summary>What an archive of a patient, study or series consists of, in Orthanc's order: studies and series by identifier, instances by their index
/// in the series.</summary>
/// <remarks>The tree is read before the first byte, one question for each study and series. The names of instances are asked series by series, for a
/// series may have thousands; that the instances are still those of the beginning is checked then.</remarks>
public sealed class ArchivePlan
{
    private readonly IOrigin _origin;
    private readonly ArchiveNames _names;
    private readonly List<SeriesFolder> _series = [];

    private ArchivePlan(IOrigin origin, ArchiveNames names)
    {
        _origin = origin;
        _names = names;
    }

    public int Count => _series.Sum(s => s.Instances.Count);

    /// <summary>Reads the tree. Null where the origin does not tell it, or where names depend on what only the origin knows.</summary>
    /// <param name="isBare">Without folders above the resource itself: what <c>POST</c> gives, where <c>GET</c> of a series has those of its patient
    /// and its study.</param>
    public static ArchivePlan? TryRead(IOrigin origin, ArchiveNames names, Resource resource, bool isBare)
    {
        try
        {
            var plan = new ArchivePlan(origin, names);
            plan.Read(resource, isBare);
            return plan;
        }
        catch (Exception failure) when (failure is InvalidDataException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The files, series by series.</summary>
    /// <exception cref="InvalidDataException">A series is not what it was when the plan was made.</exception>
    public IEnumerable<ArchiveFile> Files()
    {
        foreach (var series in _series)
        {
            var directory = new ArchiveNames.Directory(_names);
            foreach (var (instance, number, size) in Number(series))
            {
                yield return new ArchiveFile(series.Path + directory.Add(ArchiveNames.Instance(series.Modality, number)), instance, size);
            }
        }
    }

    private void Read(Resource resource, bool isBare)
    {
        var root = new ArchiveNames.Directory(_names);
        switch (resource.Level)
        {
            case ResourceLevel.Patient:
                using (var patient = Ask("patients", resource.Id))
                {
                    var path = PatientFolder(root, patient, "MainDicomTags");
                    var directory = new ArchiveNames.Directory(_names);
                    foreach (var id in Children(patient, "Studies"))
                    {
                        using var study = Ask("studies", id);
                        AddStudy(directory, path, study, only: null);
                    }
                }

                break;
            case ResourceLevel.Study:
                using (var study = Ask("studies", resource.Id))
                {
                    AddStudy(new(_names), PatientFolder(root, study, "PatientMainDicomTags"), study, only: null);
                }

                break;
            case ResourceLevel.Series when isBare:
                AddSeries(root, "", resource.Id);
                break;
            case ResourceLevel.Series:
                using (var series = Ask("series", resource.Id))
                using (var study = Ask("studies", Parse(series.RootElement.GetProperty("ParentStudy"))))
                {
                    AddStudy(new(_names), PatientFolder(root, study, "PatientMainDicomTags"), study, resource.Id);
                }

                break;
            default:
                throw new InvalidDataException("No archive of an instance.");
        }
    }

    private string PatientFolder(ArchiveNames.Directory root, JsonDocument document, string member)
    {
        var tags = document.RootElement.GetProperty(member);
        return root.Add(_names.Patient(Tag(tags, "PatientID"), Tag(tags, "PatientName"))) + "/";
    }

    private void AddStudy(ArchiveNames.Directory directory, string path, JsonDocument study, ResourceId? only)
    {
        var tags = study.RootElement.GetProperty("MainDicomTags");
        path += directory.Add(_names.Study(Tag(tags, "AccessionNumber"), Tag(tags, "StudyDescription"))) + "/";
        var inside = new ArchiveNames.Directory(_names);
        foreach (var id in only is { } one ? [one] : Children(study, "Series"))
        {
            AddSeries(inside, path, id);
        }
    }

    private void AddSeries(ArchiveNames.Directory directory, string path, ResourceId id)
    {
        using var series = Ask("series", id);
        var tags = series.RootElement.GetProperty("MainDicomTags");
        var modality = Tag(tags, "Modality");
        if (modality.AsSpan(0, Math.Min(2, modality.Length)).Contains('%'))
        {
            throw new InvalidDataException("Orthanc takes the modality for a format.");
        }

        path += directory.Add(_names.Series(Tag(tags, "SeriesNumber"), modality, Tag(tags, "SeriesDescription"))) + "/";
        _series.Add(new SeriesFolder(id, path, modality, [.. Children(series, "Instances")]));
    }

    /// <summary>The number in the file name is the index in the series, or where two have the same, the position: then the order among equal ones is
    /// that of the sort in Orthanc's C++ library.</summary>
    private IEnumerable<(ResourceId Instance, uint Number, long Size)> Number(SeriesFolder series)
    {
        var instances = new List<(ResourceId Instance, uint Index, long Size)>();
        using (var list = Ask("series", series.Id, "/instances"))
        {
            foreach (var instance in list.RootElement.EnumerateArray())
            {
                var index = instance.TryGetProperty("IndexInSeries", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetUInt32(out var value)
                    ? value
                    : 0;
                instances.Add((Parse(instance.GetProperty("ID")), index, instance.GetProperty("FileSize").GetInt64()));
            }
        }

        if (!series.Instances.SetEquals(instances.Select(i => i.Instance)))
        {
            throw new InvalidDataException("The series has changed.");
        }

        var isDistinct = instances.Select(i => i.Index).Distinct().Count() == instances.Count;
        IntroSort.Sort(instances, (a, b) => a.Index < b.Index);
        return instances.Select((instance, position) => (instance.Instance, isDistinct ? instance.Index : (uint)position, instance.Size));
    }

    private JsonDocument Ask(string level, ResourceId id, string what = "")
    {
        var path = Encoding.ASCII.GetBytes($"/{level}/{id}{what}\0");
        using var response = _origin.Get(path.AsSpan(..^1));
        return response.IsSuccess && response.IsReadable
            ? JsonDocument.Parse(response.Body.ToArray())
            : throw new InvalidDataException("The origin does not tell.");
    }

    private static string Tag(JsonElement tags, string name) =>
        ArchiveNames.Bytes(tags.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : "");

    private static List<ResourceId> Children(JsonDocument document, string member)
    {
        var ids = document.RootElement.GetProperty(member).EnumerateArray().Select(c => (Text: c.GetString()!, Id: Parse(c))).ToList();
        ids.Sort((a, b) => string.CompareOrdinal(a.Text, b.Text));
        return [.. ids.Select(i => i.Id)];
    }

    private static ResourceId Parse(JsonElement text) =>
        ResourceId.TryParse(Encoding.ASCII.GetBytes(text.GetString() ?? ""), out var id) ? id : throw new InvalidDataException("Not an identifier.");

    private sealed record SeriesFolder(ResourceId Id, string Path, string Modality, HashSet<ResourceId> Instances);
}
