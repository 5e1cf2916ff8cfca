using System.Text.Json.Nodes;

namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>What one Orthanc is started with.</summary>
public sealed class OrthancSettings
{
    /// <summary>Names the directory, and nothing else.</summary>
    public string Name { get; set; } = "orthanc";

    /// <summary>With the library under test, or bare.</summary>
    public bool WithCache { get; set; } = true;

    /// <summary>
    /// Members of the section <c>ResponseCache</c>. The directory is set by the server; warm-up is off, because most tests want a first
    /// request to be a miss. Archives are on, so that they are tested on servers that cannot stream, too.
    /// </summary>
    public JsonObject Cache { get; } = new() { ["WarmUp"] = false, ["Archives"] = true };

    /// <summary>Further members of Orthanc's configuration; they win over the server's own.</summary>
    public JsonObject Configuration { get; } = [];

    /// <summary>Further plugins, loaded after ours.</summary>
    public List<string> Plugins { get; } = [];

    /// <summary>With orthanc-python where the run is beside it.</summary>
    public bool WithPython { get; set; } = true;

    /// <summary>Whether orthanc-dicomweb, where the run is beside it, attaches something to stable series.</summary>
    public bool DicomWebAttaches { get; set; }

    /// <summary>A Lua script, or null.</summary>
    public string? Lua { get; set; }

    /// <summary>The user that Orthanc runs as, or null for that of the tests.</summary>
    public string? User { get; set; }

    /// <summary>Where the cache is to lie, or null for a directory of its own. As Orthanc sees it.</summary>
    public string? CacheDirectory { get; set; }

    /// <summary>False where the section is not to name any directory.</summary>
    public bool NameCacheDirectory { get; set; } = true;
}
