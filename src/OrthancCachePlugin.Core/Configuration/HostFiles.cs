using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Core.Configuration;

/// <summary>
/// What stands outside of the configuration and shapes responses from one start to the next: dictionaries of DICOM tags and Python's script by
/// their content, the server's program and its DICOM libraries by size and time, and a few variables of the environment.
/// </summary>
public static class HostFiles
{
    private static readonly string[] Variables = ["DCMDICTPATH", "DCMICONVPATH", "LANG", "LC_ALL", "LC_CTYPE"];

    /// <summary>Where systems keep the dictionary of DCMTK. Which of them the server was built with does not show, so all count.</summary>
    private static readonly string[] DictionaryParents = ["/usr/share", "/usr/local/share"];

    private static readonly string[] Libraries = ["libdcm", "libofstd", "liboflog", "liborthanc", "libgdcm"];

    /// <summary>Reads them now: the server has done so a moment ago.</summary>
    /// <param name="configuration">The server's configuration.</param>
    /// <param name="folder">Of the configuration. Some paths are taken from there and some from the current folder, which depends on the version.</param>
    public static Digest128 DigestOf(JsonElement configuration, string folder)
    {
        var digest = default(Digest128);
        foreach (var variable in Variables)
        {
            Add(ref digest, Encoding.UTF8.GetBytes($"{variable}={Environment.GetEnvironmentVariable(variable)}"));
        }

        foreach (var path in NamedFiles(configuration).SelectMany(p => new[] { Path.Combine(folder, p), Path.GetFullPath(p) }).Concat(Dictionaries()))
        {
            AddContent(ref digest, path);
        }

        foreach (var path in Programs())
        {
            AddStamp(ref digest, path);
        }

        return digest;
    }

    private static IEnumerable<string> NamedFiles(JsonElement configuration)
    {
        // What a script of Python registers may be tags, too. Scripts of Lua can only ask, and set what is asked for again.
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

    /// <summary>The program that runs, and those of the libraries it has loaded that read DICOM; not ourselves.</summary>
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

    private static void AddContent(ref Digest128 digest, string path)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            content = []; // the server cannot read it either, or says so itself
        }

        Add(ref digest, Encoding.UTF8.GetBytes(path));
        Add(ref digest, content);
    }

    private static void AddStamp(ref Digest128 digest, string path)
    {
        var file = new FileInfo(path);
        Add(ref digest, Encoding.UTF8.GetBytes(
            FormattableString.Invariant($"{path} {(file.Exists ? file.Length : -1)} {(file.Exists ? file.LastWriteTimeUtc.Ticks : 0)}")));
    }

    private static void Add(ref Digest128 digest, ReadOnlySpan<byte> text) => digest = Digest128.Combine(digest, Digest128.Of(text));
}
