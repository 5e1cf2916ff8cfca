using System.Globalization;
using System.IO.Compression;
using System.IO.Hashing;

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
        Verify(entry);
        if (entry.FullName == "DICOMDIR")
        {
            using var stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return $"{entry.FullName}\n{DicomDirectory.Describe(content.ToArray())}";
        }

        return string.Create(CultureInfo.InvariantCulture, $"{entry.FullName} {entry.Length} {(withChecksum ? entry.Crc32 : 0):x8}");
    }

    /// <summary>Reads the compressed data too: length and checksum of the directory alone could be right by themselves.</summary>
    private static void Verify(ZipArchiveEntry entry)
    {
        var crc = new Crc32();
        var buffer = new byte[1 << 16];
        long length = 0;
        using var stream = entry.Open();
        for (int read; (read = stream.Read(buffer)) > 0; length += read)
        {
            crc.Append(buffer.AsSpan(0, read));
        }

        if (length != entry.Length || crc.GetCurrentHashAsUInt32() != entry.Crc32)
        {
            throw new InvalidDataException($"{entry.FullName} has {length} bytes and not {entry.Length}, or others");
        }
    }
}
