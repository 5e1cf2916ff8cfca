using System.Buffers.Text;
using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>Whether the origin could read all of a file: of one that was cut it gives what is left, with 200.</summary>
public static class FileCheck
{
    /// <summary>Bytes; a larger file is not read only to know whether it is whole.</summary>
    private const long LargestFile = 64 << 20;

    private const int DicomMagicEnd = 132;

    /// <summary>
    /// Whether tags, in any format, are those of a whole file. Orthanc reads up to the pixel data. A file without may have been cut anywhere.
    /// No file has a command (group 0): that is what zeros are read as.
    /// </summary>
    public static bool HasAllTags(IOrigin origin, ResourceId instance, ReadOnlySpan<byte> tags) =>
        !HasTag(tags, "0000,0000"u8, "CommandGroupLength"u8)
        && (HasTag(tags, "7fe0,0010"u8, "PixelData"u8) || IsWhole(origin, instance));

    /// <summary>Whether a tag stands at the top: in JSON, strings have no line breaks, and in XML, no brackets, so the indentation tells.</summary>
    public static bool HasTag(ReadOnlySpan<byte> tags, ReadOnlySpan<byte> number, ReadOnlySpan<byte> name) => HasMember(tags, number) || HasMember(tags, name);

    public static bool IsWhole(IOrigin origin, ResourceId instance)
    {
        if (!TrySize(origin, instance, out var size) || size > LargestFile)
        {
            return false;
        }

        using var file = Ask(origin, instance, "/file");
        return file.IsSuccess && IsFile(file, size);
    }

    /// <summary>Whether a response is a DICOM file of that size.</summary>
    public static bool IsFile(OriginResponse file, long size)
    {
        using var stream = file.OpenBody();
        return stream.Length == size && IsDicom(stream);
    }

    /// <summary>A file that was overwritten with anything else, such as the zeros that a power cut leaves, may have the right size.</summary>
    public static bool IsDicom(Stream file)
    {
        Span<byte> head = stackalloc byte[DicomMagicEnd];
        return file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length
            && (head.EndsWith("DICM"u8) || (head[0] | head[1]) is 2 or 8); // without a preamble: the first group, in either byte order
    }

    /// <summary>The bytes that were received.</summary>
    public static bool TrySize(IOrigin origin, ResourceId instance, out long size)
    {
        size = 0;
        using var response = Ask(origin, instance, "/attachments/dicom/size");
        return response.IsSuccess && Utf8Parser.TryParse(response.Body, out size, out var read) && read == response.Body.Length;
    }

    private static bool HasMember(ReadOnlySpan<byte> text, ReadOnlySpan<byte> member) =>
        text.IndexOf([.. "\n   \""u8, .. member, .. "\" "u8]) >= 0 || text.IndexOf([.. "\n  <"u8, .. member, .. ">"u8]) >= 0;

    private static OriginResponse Ask(IOrigin origin, ResourceId instance, string what)
    {
        var path = Encoding.ASCII.GetBytes($"/instances/{instance}{what}\0");
        return origin.Get(path.AsSpan(..^1));
    }
}

/// <summary>The origin, asked beside a request: on a thread with room on its stack.</summary>
public sealed class ExchangeOrigin(IExchange exchange) : IOrigin
{
    public OriginResponse Get(ReadOnlySpan<byte> path) => exchange.AskOriginBesides(path);
}
