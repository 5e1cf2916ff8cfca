using System.Globalization;
using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>
/// Asks the origin which resources there are. Thread-safe; a failure of any cause is an empty answer. Reads identifiers alone: no tag of
/// a patient passes through here into anything that is kept or shown.
/// </summary>
public sealed class ResourceTree(IOrigin origin)
{
    /// <summary>Whether the origin knows the resource at this level.</summary>
    public bool Exists(Resource resource)
    {
        using var response = Ask($"/{PathOf(resource)}/metadata");
        return response.IsSuccess;
    }

    /// <summary>
    /// Whether the origin answers anything at all. Jobs that were saved begin to run before it does, and may run on while it stops: then
    /// nothing that it does not tell means anything.
    /// </summary>
    public bool HasResponded()
    {
        using var response = Ask("/system");
        return response.IsSuccess;
    }

    /// <summary>The level at which the origin knows an identifier, if it does.</summary>
    public bool TryFind(ResourceId id, out Resource resource)
    {
        // Studies first: that is what people name.
        foreach (var level in (ReadOnlySpan<ResourceLevel>)[ResourceLevel.Study, ResourceLevel.Series, ResourceLevel.Patient, ResourceLevel.Instance])
        {
            resource = new Resource(level, id);
            if (Exists(resource))
            {
                return true;
            }
        }

        resource = default;
        return false;
    }

    /// <summary>The resource and what is below it down to its series, the smallest first.</summary>
    public IReadOnlyList<Resource> WithChildren(Resource resource) => resource.Level switch
    {
        ResourceLevel.Patient => WithStudies(resource),
        ResourceLevel.Study => [.. Children(resource, "Series", ResourceLevel.Series), resource],
        _ => [resource],
    };

    /// <summary>Adds all that is below a resource, down to its instances.</summary>
    /// <param name="resource">Is not added itself.</param>
    /// <param name="found">Takes what is below.</param>
    /// <param name="most">How many it may hold.</param>
    /// <returns>False where there are more.</returns>
    public bool AddBelow(Resource resource, ICollection<Resource> found, int most)
    {
        var (member, level) = resource.Level switch
        {
            ResourceLevel.Patient => ("Studies", ResourceLevel.Study),
            ResourceLevel.Study => ("Series", ResourceLevel.Series),
            _ => ("Instances", ResourceLevel.Instance),
        };
        foreach (var child in resource.Level == ResourceLevel.Instance ? [] : Children(resource, member, level))
        {
            if (found.Count >= most)
            {
                return false;
            }

            found.Add(child);
            if (!AddBelow(child, found, most))
            {
                return false;
            }
        }

        return true;
    }

    private List<Resource> WithStudies(Resource patient)
    {
        var resources = new List<Resource>();
        foreach (var study in Children(patient, "Studies", ResourceLevel.Study))
        {
            resources.AddRange(WithChildren(study));
        }

        resources.Add(patient);
        return resources;
    }

    /// <summary>The patient of a study.</summary>
    public Resource? PatientOf(Resource study)
    {
        using var response = Ask($"/{PathOf(study)}");
        return TryParse(response, out var document) ? Use(document, root => Id(root, "ParentPatient", ResourceLevel.Patient)) : null;
    }

    /// <summary>All studies of the archive in no particular order.</summary>
    public IReadOnlyList<ResourceId> Studies()
    {
        using var response = Ask("/studies");
        return TryParse(response, out var document) ? Use(document, Ids) : [];
    }

    /// <summary>When the origin last saw a child come, in seconds since 1970; 0 where it does not tell.</summary>
    public long LastUpdate(Resource resource)
    {
        using var response = Ask($"/{PathOf(resource)}/metadata/LastUpdate");
        return response.IsSuccess && response.Body.Length <= 32
            && DateTimeOffset.TryParseExact(
                Encoding.ASCII.GetString(response.Body),
                "yyyyMMdd'T'HHmmss",
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var time)
            ? time.ToUnixTimeSeconds()
            : 0;
    }

    private IReadOnlyList<Resource> Children(Resource resource, string member, ResourceLevel level)
    {
        using var response = Ask($"/{PathOf(resource)}");
        return TryParse(response, out var document)
            ? Use<IReadOnlyList<Resource>>(document, root => root.ValueKind == JsonValueKind.Object && root.TryGetProperty(member, out var list)
                ? Ids(list).ConvertAll(id => new Resource(level, id))
                : [])
            : [];
    }

    private static List<ResourceId> Ids(JsonElement list)
    {
        var ids = new List<ResourceId>();
        if (list.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in list.EnumerateArray())
            {
                if (item.ValueKind == JsonValueKind.String && TryParseId(item.GetString()!, out var id))
                {
                    ids.Add(id);
                }
            }
        }

        return ids;
    }

    private static Resource? Id(JsonElement root, string member, ResourceLevel level) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(member, out var value)
        && value.ValueKind == JsonValueKind.String && TryParseId(value.GetString()!, out var id)
            ? new Resource(level, id)
            : null;

    /// <summary>Reads an identifier.</summary>
    public static bool TryParseId(string text, out ResourceId id)
    {
        id = default;
        return text.Length == ResourceId.TextLength && ResourceId.TryParse(Encoding.UTF8.GetBytes(text), out id);
    }

    private static string PathOf(Resource resource) =>
        $"{Encoding.ASCII.GetString(ResourceLevels.PathOf(resource.Level))}/{resource.Id}";

    private OriginResponse Ask(string path)
    {
        var text = new byte[Encoding.ASCII.GetMaxByteCount(path.Length) + 1];
        var length = Encoding.ASCII.GetBytes(path, text);
        return origin.Get(text.AsSpan(0, length));
    }

    private static bool TryParse(OriginResponse response, out JsonDocument document)
    {
        document = null!;
        if (!response.IsSuccess)
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(response.Body);
            document = JsonDocument.ParseValue(ref reader);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static T Use<T>(JsonDocument document, Func<JsonElement, T> read)
    {
        using (document)
        {
            return read(document.RootElement);
        }
    }
}
