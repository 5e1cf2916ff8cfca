using System.Globalization;
using System.Text.Json;

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// How large an archive may become that is built in memory. An internal call collects the whole answer, and copies it once; what it
/// hands over is counted in 32 bits (OrthancPlugins, CopyToMemoryBuffer).
/// </summary>
public static class ArchiveSize
{
    /// <summary>What names of files and the directory of an archive add, at most: a guess that errs to the safe side.</summary>
    private const long Overhead = 64L << 20;

    /// <summary>The bytes of DICOM that one archive may hold: what 32 bits count, and a third of the memory, as two copies exist at a time.</summary>
    /// <param name="memory">Bytes that the process may use.</param>
    public static long Limit(long memory) => Math.Min(uint.MaxValue - Overhead, memory / 3);

    /// <summary>Reads the bytes of DICOM from the response of <c>/statistics</c>.</summary>
    public static bool TryReadStatistics(ReadOnlySpan<byte> json, out long bytes)
    {
        bytes = 0;
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("DicomUncompressedSize"u8))
                {
                    return reader.Read() && reader.TokenType == JsonTokenType.String
                        && long.TryParse(reader.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out bytes);
                }
            }
        }
        catch (JsonException)
        {
        }

        return false;
    }

    /// <summary>What the client is told.</summary>
    public static Refusal Refuse(long bytes, long limit)
    {
        var mebibytes = (bytes >> 20).ToString(CultureInfo.InvariantCulture);
        var allowed = (limit >> 20).ToString(CultureInfo.InvariantCulture);
        return Refusal.Error(
            OriginCode.NotEnoughMemory,
            $"This archive would hold {mebibytes} MiB, and up to {allowed} MiB can be built at once: "
            + "POST {\"Asynchronous\": true} to the same path, and download the archive of that job");
    }
}
