namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>One request per route that the plugin takes over.</summary>
internal static class Templates
{
    /// <summary>Responses that are stored on disk.</summary>
    public static readonly string[] Stored =
    [
        .. from level in (string[])["patients", "studies", "series"]
           from route in (string[])["attachments", "instances-tags", "shared-tags"]
           select $"/{level}/{{{Singular(level)}}}/{route}",
        "/instances/{instance}/attachments", "/instances/{instance}/frames", "/instances/{instance}/header", "/instances/{instance}/metadata",
        "/instances/{instance}/simplified-tags", "/instances/{instance}/tags",
    ];

    /// <summary>Responses that are not stored, but have validators.</summary>
    public static readonly string[] Binary =
    [
        .. from level in (string[])["patients", "studies", "series"]
           from route in (string[])["archive", "media"]
           select $"/{level}/{{{Singular(level)}}}/{route}",
        "/instances/{instance}/file", "/instances/{instance}/preview", "/instances/{instance}/frames/0/raw", "/instances/{instance}/frames/0/preview",
        "/instances/{instance}/frames/0/image-uint8",
    ];

    public static TheoryData<string> StoredData => [.. Stored];

    public static TheoryData<string> BinaryData => [.. Binary];

    public static TheoryData<string> AllData => [.. Stored, .. Binary];

    private static string Singular(string level) => level switch { "patients" => "patient", "studies" => "study", _ => "series" };
}
