namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>Something to ask for: a path with its query, and the representation.</summary>
/// <param name="Id">The resource.</param>
/// <param name="Path">The request target.</param>
/// <param name="Accept">The header, or null.</param>
internal sealed record Target(string Id, string Path, string? Accept = null)
{
    private static readonly string[] ParentRoutes =
    [
        "instances-tags", "instances-tags?simplify", "instances-tags?short", "shared-tags", "shared-tags?simplify", "attachments", "attachments?full", "archive", "media",
    ];

    private static readonly string[] InstanceRoutes =
    [
        "tags", "tags?short", "simplified-tags", "header", "frames", "metadata", "metadata?expand", "attachments", "attachments?full", "file", "preview", "frames/0/raw", "pdf",
    ];

    public bool IsMetadataValues => Path.EndsWith("metadata?expand", StringComparison.Ordinal);

    /// <summary>True for JSON or XML, which the Lua engine of Orthanc can compute without any plugin.</summary>
    public bool IsText => Accept is null && (Path.Contains("tags", StringComparison.Ordinal) || Path.Contains("/attachments", StringComparison.Ordinal)
        || Path.Contains("/metadata", StringComparison.Ordinal) || Path.EndsWith("/frames", StringComparison.Ordinal) || Path.EndsWith("/header", StringComparison.Ordinal));

    public (string Name, string Value)[] Headers(params (string Name, string Value)[] more) => Accept is null ? more : [("Accept", Accept), .. more];

    public static IEnumerable<Target> Of(string level, string id)
    {
        foreach (var route in level == "instances" ? InstanceRoutes : ParentRoutes)
        {
            yield return new Target(id, $"/{level}/{id}/{route}");
        }

        yield return new Target(id, $"/{level}/{id}/{(level == "instances" ? "tags" : "shared-tags")}", "application/xml");
    }

    public override string ToString() => Accept is null ? Path : $"{Path} (Accept: {Accept})";
}
