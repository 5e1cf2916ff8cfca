using OrthancCachePlugin.Core.Administration;

namespace OrthancCachePlugin.Host;

/// <summary>The files of the page, which are part of the library.</summary>
internal static class AppFiles
{
    private const string Explorer = "explorer.js";

    private static readonly (string Name, string ContentType)[] Names =
    [
        ("index.html", "text/html; charset=utf-8"),
        ("app.css", "text/css; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ];

    /// <summary>Reads them all.</summary>
    public static IReadOnlyList<AppFile> Read() => Array.ConvertAll(Names, n => new AppFile(n.Name, n.ContentType, Read(n.Name)));

    /// <summary>What runs in Orthanc Explorer.</summary>
    public static string ReadExplorerExtension() => System.Text.Encoding.UTF8.GetString(Read(Explorer));

    private static byte[] Read(string name)
    {
        using var stream = typeof(AppFiles).Assembly.GetManifestResourceStream("app/" + name)
            ?? throw new InvalidOperationException($"{name} is not in the library");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
