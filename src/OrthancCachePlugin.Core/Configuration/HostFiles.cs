using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Configuration;

/// <summary>What shapes responses and is not in the configuration: dictionaries of DICOM tags and the Python script by content, Orthanc's program and
/// its DICOM libraries by size and time, a few environment variables.</summary>
public static class HostFiles
{
    private static readonly string[] Variables = ["DCMDICTPATH", "DCMICONVPATH", "LANG", "LC_ALL", "LC_CTYPE"];

    /// <summary>Directories of the DCMTK dictionary; which one Orthanc was built with cannot be seen.</summary>
    private static readonly string[] DictionaryParents = ["/usr/share", "/usr/local/share"];

    private static readonly string[] Libraries = ["libdcm", "libofstd", "liboflog", "liborthanc", "libgdcm"];

    /// <param name="folder">Of the configuration. Depending on the version, paths are relative to it or to the current folder.</param>
    public static Digest128 DigestOf(JsonElement configuration, string folder)
    {
        var text = new List<byte>();
        foreach (var variable in Variables)
        {
            Add(text, $"{variable}={Environment.GetEnvironmentVariable(variable)}");
        }

        foreach (var path in NamedFiles(configuration).SelectMany(p => new[] { Path.Combine(folder, p), Path.GetFullPath(p) }).Concat(Dictionaries()))
        {
            AddContent(text, path);
        }

        foreach (var path in Programs())
        {
            AddStamp(text, path);
        }

        return Digest128.Of(text.ToArray());
    }

    private static IEnumerable<string> NamedFiles(JsonElement configuration)
    {
        // A Python script may register tags; a Lua script cannot.
        if (configuration.TryGetProperty("PythonScript", out var script) && script.ValueKind == JsonValueKind.String)
        {
            yield return script.GetString()!;
        }

        if (configuration.TryGetProperty("ExternalDictionaries", out var files) && files.ValueKind == JsonValueKind.Array)
        {
            foreach (var file in files.EnumerateArray())
            {
                if (file.ValueKind == JsonValueKind.String)
                {
                    yield return file.GetString()!;
                }
            }
        }
    }

    private static IEnumerable<string> Dictionaries()
    {
        if (Environment.GetEnvironmentVariable("DCMDICTPATH") is { } named)
        {
            return named.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        }

        return DictionaryParents
            .Where(Directory.Exists)
            .SelectMany(parent => Directory.EnumerateDirectories(parent, "libdcmtk*").Concat(Directory.EnumerateDirectories(parent, "dcmtk*")))
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.dic"))
            .Order(StringComparer.Ordinal);
    }

    private static SortedSet<string> Programs()
    {
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        if (Environment.ProcessPath is { } program)
        {
            paths.Add(program);
        }

        const string Maps = "/proc/self/maps";
        foreach (var line in File.Exists(Maps) ? File.ReadLines(Maps) : [])
        {
            var start = line.IndexOf('/', StringComparison.Ordinal);
            var name = start < 0 ? "" : Path.GetFileName(line);
            if (Array.Exists(Libraries, l => name.StartsWith(l, StringComparison.OrdinalIgnoreCase))
                && !name.Contains("ResponseCache", StringComparison.OrdinalIgnoreCase))
            {
                paths.Add(line[start..]);
            }
        }

        return paths;
    }

    private static void AddContent(List<byte> text, string path)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            content = []; // Orthanc cannot read it either
        }

        Span<byte> digest = stackalloc byte[Digest128.Size];
        Digest128.Of(content).CopyTo(digest);
        Add(text, path);
        text.AddRange(digest);
    }

    private static void AddStamp(List<byte> text, string path)
    {
        var file = new FileInfo(path);
        Add(text, FormattableString.Invariant($"{path} {(file.Exists ? file.Length : -1)} {(file.Exists ? file.LastWriteTimeUtc.Ticks : 0)}"));
    }

    private static void Add(List<byte> text, string line)
    {
        text.AddRange(Encoding.UTF8.GetBytes(line));
        text.Add(0);
    }
}
