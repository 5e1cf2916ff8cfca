using System.Collections.Immutable;
using System.Globalization;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>The database of the simulated origin between two commits. Immutable.</summary>
internal sealed record OriginState
{
    public ImmutableSortedDictionary<int, SimulatedInstance> Instances { get; init; } = ImmutableSortedDictionary<int, SimulatedInstance>.Empty;

    /// <summary>Unix seconds, of series, studies and patients.</summary>
    public ImmutableDictionary<Resource, long> LastUpdate { get; init; } = ImmutableDictionary<Resource, long>.Empty;

    /// <summary>Attachments and metadata of users, as a number that each change moves.</summary>
    public ImmutableDictionary<Resource, int> Annotations { get; init; } = ImmutableDictionary<Resource, int>.Empty;

    /// <summary>The names that folders of archives have; a reconstruction may change them.</summary>
    public ImmutableDictionary<Resource, int> Names { get; init; } = ImmutableDictionary<Resource, int>.Empty;

    /// <summary>A setting that shapes responses.</summary>
    public int Encoding { get; init; }

    /// <summary>Whether tags are written as Orthanc does, or just tell of which files they are.</summary>
    public bool WritesTags { get; init; }

    /// <summary>Number of the last entry of the log of changes.</summary>
    public long LastChange { get; init; }

    public bool Exists(Resource resource) => Tree.Below(resource).Any(Instances.ContainsKey);

    public IEnumerable<int> Below(Resource resource) => Tree.Below(resource).Where(Instances.ContainsKey);

    public int NameOf(Resource study) => Names.GetValueOrDefault(study);

    /// <summary>What a GET of one of our routes answers, or null for an error.</summary>
    public string? Respond(Resource resource, string route)
    {
        if (!Exists(resource))
        {
            return null;
        }

        var files = string.Join(',', Below(resource).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i}:{Instances[i].Content}")));
        switch (route)
        {
            case "tags" when WritesTags:
                return SimulatedTags.OfOne(this, Below(resource).Single());
            case "simplified-tags" when WritesTags:
                return SimulatedTags.OfOneSimplified(this, Below(resource).Single());
            case "instances-tags" when WritesTags:
                return SimulatedTags.OfEach(this, Below(resource));
            case "shared-tags" when WritesTags:
                return SimulatedTags.OfAll(this, [.. Below(resource)]);
        }

        return (Encoding == 0 ? "" : $"{Encoding} ") + route switch
        {
            "metadata" or "attachments" => string.Create(CultureInfo.InvariantCulture, $"note {Annotations.GetValueOrDefault(resource)}"),
            "archive" => files + " named " + string.Join(',', Tree.Studies.Where(s => Below(s).Intersect(Below(resource)).Any()).Select(NameOf)),
            _ => files,
        };
    }
}
