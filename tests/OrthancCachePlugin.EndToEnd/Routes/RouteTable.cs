namespace OrthancCachePlugin.EndToEnd.Routes;

/// <summary>The routes that the plugin takes over, as the mission names them: written down here once more, so that the library's own
/// table is not tested against itself.</summary>
internal static class RouteTable
{
    public static readonly string[] ParentLevels = ["patients", "studies", "series"];

    public static readonly string[] ParentRoutes = ["archive", "attachments", "instances-tags", "media", "shared-tags"];

    /// <summary>Routes of an instance that answer with JSON (or XML).</summary>
    public static readonly string[] InstanceJsonRoutes = ["attachments", "frames", "header", "metadata", "simplified-tags", "tags", "frames/0"];

    /// <summary>Routes of an instance that answer with something else.</summary>
    public static readonly string[] InstanceBinaryRoutes =
    [
        "file", "pdf", "preview", "raw", "frames/0/raw", "frames/0/raw.gz", "frames/0/preview", "frames/0/rendered", "frames/0/image-uint8",
        "frames/0/image-uint16", "frames/0/image-int16", "frames/0/matlab", "frames/0/numpy", "frames/1/raw", "frames/1/preview",
        "frames/999/preview", "frames/999/raw", "frames/-1/preview", "frames/x/raw", "frames/0/nothing", "frames/0/preview/more",
        "frames/18446744073709551616/raw", "frames/0x0/raw", "frames/%200/raw", "frames/",
    ];

    public static readonly string[] JsonQueries =
    [
        "", "?", "?simplify", "?short", "?full", "?expand", "?simplify&short", "?short&simplify", "?simplify=", "?simplify=0", "?Simplify",
        "?ignore-length=SOPInstanceUID", "?ignore-length=0008-0018,0010-0010", "?ignore-length=nonsense", "?whole", "?foo=bar", "?expand=1&full",
        "?requestedTags=PatientID", "?%zz", "?&&=&a=b=c", "?simplify%00", "?a=%", "?=", "?simplify#fragment", "?%73implify", "?+simplify+",
        "?short=1&short=2", "?_=1234567890", "?simplify&_=1", "?token=abc", "?full=x&authorization=y",
    ];

    public static readonly string[] BinaryQueries =
        ["", "?quality=10", "?quality=1000", "?quality=x", "?returnUnsupportedImage", "?width=32", "?width=32&height=16&smooth=0", "?window-center=100&window-width=50",
         "?window-center=x", "?compress=1", "?rescale=1", "?%zz", "?_=1", "?token=abc"];

    public static readonly string[] ArchiveQueries =
        ["", "?transcode=1.2.840.10008.1.2.1", "?transcode=nonsense", "?extended", "?extended=false", "?filename=x.zip", "?lossy-quality=50", "?%zz", "?_=1"];

    public static readonly string?[] JsonAccepts =
    [
        null, "application/json", "application/xml", "*/*", "application/*", "text/html", "image/png", "",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/xml;q=0.5, application/json;q=0.4", "application/json;q=0.1,application/xml;q=0.9",
        "APPLICATION/XML", " application/xml ", "nonsense", ",,;q=",
    ];

    public static readonly string?[] ImageAccepts =
        [null, "image/png", "image/jpeg", "image/x-portable-arbitrarymap", "image/*", "*/*", "image/jpeg;q=0.5,image/png", "image/webp,image/*,*/*;q=0.8",
         "application/xml", "application/octet-stream", "application/dicom", "nonsense"];
}
