using System.Globalization;
using System.IO.Compression;

namespace OrthancCachePlugin.EndToEnd.Comparison;

/// <summary>
/// What two archives of the same content have in common: names, sizes and checksums in their order. Time stamps differ, because Orthanc
/// stamps the moment of the request. A DICOMDIR has a generated identifier, so it is compared by <see cref="DicomDirectory"/>.
/// </summary>
internal static class ZipListing
{
    private const string Broken = "a broken archive";

    public static string Of(byte[] archive, bool withChecksums = true)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(archive), ZipArchiveMode.Read);
            return string.Join('\n', zip.Entries.Select(e => Line(e, withChecksums)));
        }
        catch (InvalidDataException)
        {
            // The origin breaks off in the middle where a file cannot be transcoded; then all that can be compared is where.
            return string.Create(CultureInfo.InvariantCulture, $"{Broken} of {archive.Length} bytes");
        }
    }

    public static bool IsBroken(byte[] archive) => Of(archive).StartsWith(Broken, StringComparison.Ordinal);

    private static string Line(ZipArchiveEntry entry, bool withChecksum)
    {
        // Reading verifies the compressed data too; the checksum of the directory alone could be right by itself.
        using var stream = entry.Open();
        using var content = new MemoryStream();
        stream.CopyTo(content);
        if (entry.Length != content.Length)
        {
            throw new InvalidDataException($"{entry.FullName} has {content.Length} bytes and not {entry.Length}");
        }

        return entry.FullName == "DICOMDIR"
            ? $"{entry.FullName}\n{DicomDirectory.Describe(content.ToArray())}"
            : string.Create(CultureInfo.InvariantCulture, $"{entry.FullName} {entry.Length} {(withChecksum ? entry.Crc32 : 0):x8}");
    }
}
