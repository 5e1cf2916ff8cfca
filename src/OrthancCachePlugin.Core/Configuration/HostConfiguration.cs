using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Configuration;

/// <summary>What the rest of Orthanc's configuration means for us.</summary>
public sealed record HostConfiguration
{
    /// <summary>Orthanc compresses what plugins answer (<c>HttpCompressionEnabled</c>).</summary>
    public bool CompressesAnswers { get; init; }

    /// <summary>Archives are sent while they are made (<c>SynchronousZipStream</c>), and then never compressed again.</summary>
    public bool StreamsArchives { get; init; } = true;

    /// <summary>Names in archives may have any letter (<c>ZipUseUtf8</c>, since 1.12.11).</summary>
    public bool NamesArchivesInUtf8 { get; init; }

    /// <summary>Errors have a body that describes them (<c>HttpDescribeErrors</c>).</summary>
    public bool DescribesErrors { get; init; } = true;

    /// <summary>Somebody has to say who they are before they get a response.</summary>
    public bool AsksForAuthentication { get; init; }

    /// <summary>The plugin that holds the index, as <c>PostgreSQL</c>; empty for Orthanc's own SQLite.</summary>
    public string IndexPlugin { get; init; } = "";

    /// <summary>Query arguments in which the authorization plugin takes tokens.</summary>
    public IReadOnlyList<string> TokenArguments { get; init; } = [];

    /// <summary>Digest of all of the configuration that may shape a response.</summary>
    public Digest128 Digest { get; init; }
}
