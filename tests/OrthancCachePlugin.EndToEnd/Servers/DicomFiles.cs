namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>The sample files of Debian's python3-pydicom: real, odd and broken ones.</summary>
internal static class DicomFiles
{
    private const string Root = "/usr/lib/python3/dist-packages/pydicom/data";

    /// <summary>All of them in a stable order, those that Orthanc refuses included.</summary>
    public static IReadOnlyList<string> All { get; } = Find();

    /// <summary>One file by the end of its path.</summary>
    public static byte[] Read(string end) => File.ReadAllBytes(All.Single(f => f.EndsWith("/" + end, StringComparison.Ordinal)));

    /// <summary>The files below a folder, by a part of their path.</summary>
    public static IEnumerable<byte[]> ReadAll(string part) => All.Where(f => f.Contains(part, StringComparison.Ordinal)).Select(File.ReadAllBytes);

    private static List<string> Find()
    {
        if (!Directory.Exists(Root))
        {
            throw new DirectoryNotFoundException($"{Root} is not there: apt-get install python3-pydicom");
        }

        return [.. Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
            .Where(f => Path.GetExtension(f) is ".dcm" or "" && !f.Contains("/DICOMDIR", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
    }
}
