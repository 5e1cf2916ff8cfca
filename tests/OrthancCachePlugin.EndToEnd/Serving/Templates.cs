namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>One request per route that the plugin takes over.</summary>
internal static class Templates
{
    /// <summary>Answers that are kept on disk.</summary>
    public static readonly string[] Kept =
    [
        .. from level in (string[])["patients", "studies", "series"]
           from route in (string[])["attachments", "instances-tags", "shared-tags"]
           select $"/{level}/{{{Singular(level)}}}/{route}",
        "/instances/{instance}/attachments", "/instances/{instance}/frames", "/instances/{instance}/header", "/instances/{instance}/metadata",
        "/instances/{instance}/simplified-tags", "/instances/{instance}/tags",
    ];

    /// <summary>Answers that are not kept, but have validators.</summary>
    public static readonly string[] Binary =
    [
        .. from level in (string[])["patients", "studies", "series"]
           from route in (string[])["archive", "media"]
           select $"/{level}/{{{Singular(level)}}}/{route}",
        "/instances/{instance}/file", "/instances/{instance}/preview", "/instances/{instance}/frames/0/raw", "/instances/{instance}/frames/0/preview",
        "/instances/{instance}/frames/0/image-uint8",
    ];

    public static TheoryData<string> KeptData => [.. Kept];

    public static TheoryData<string> BinaryData => [.. Binary];

    public static TheoryData<string> AllData => [.. Kept, .. Binary];

    private static string Singular(string level) => level switch { "patients" => "patient", "studies" => "study", _ => "series" };
}
