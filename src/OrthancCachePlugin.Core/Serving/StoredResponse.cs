using System.Buffers;
using System.Buffers.Binary;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// The value of a stored entry, read in place. Little endian:
/// <code>
/// offset size
/// 0    2  "RA"
/// 2    1  format, 1
/// 3    1  coding of the body, a ContentCoding: as it is, gzip (RFC 1952), or one zstd frame (RFC 8878)
/// 4    4  size of the decoded body in bytes
/// 8    4  what the origin needed for it, in microseconds, at most 2^32 - 1
/// 12    8  Last-Modified, Unix seconds
/// 20    1  c, size of the media type
/// 21    1  d, size of the Content-Disposition
/// 22    1  e, size of the Content-Encoding of the origin's own
/// 23    1  0
/// 24    c  media type, followed by a zero byte
/// d   Content-Disposition, followed by a zero byte
/// e   Content-Encoding, followed by a zero byte
/// …  body
/// </code>
/// The store has its own checksum over all of it; what is checked here is only that nothing is read beyond the end.
/// </summary>
public readonly ref struct StoredResponse
{
    private const int HeadSize = 24;
    private const byte Format = 1;

    /// <summary>A frame of zstd has no block shorter than 4 bytes and none that becomes more than 128 KiB.</summary>
    private const long LargestGrowth = 128 * 1024 / 4;

    public const int MaximumDecodedSize = 1 << 30; // bytes of the largest body: it is read into one stretch of memory

    private const ulong LatestDate = 253402300799; // the end of the year 9999: no HTTP date is later

    private StoredResponse(ReadOnlySpan<byte> value, int contentType, int disposition, int encoding)
    {
        Coding = (ContentCoding)value[3];
        DecodedSize = BinaryPrimitives.ReadInt32LittleEndian(value[4..]);
        CostMicroseconds = BinaryPrimitives.ReadUInt32LittleEndian(value[8..]);
        LastModified = BinaryPrimitives.ReadInt64LittleEndian(value[12..]);
        ContentType = value.Slice(HeadSize, contentType + 1);
        ContentDisposition = value.Slice(HeadSize + contentType + 1, disposition + 1);
        ContentEncoding = value.Slice(HeadSize + contentType + disposition + 2, encoding + 1);
        var head = HeadSize + contentType + disposition + encoding + 3;
        Head = value[..head];
        Body = value[head..];
    }

    public ContentCoding Coding { get; }

    public ReadOnlySpan<byte> Head { get; }

    public int DecodedSize { get; } // bytes of the body once decoded

    public uint CostMicroseconds { get; }

    public long LastModified { get; } // Unix seconds

    public ReadOnlySpan<byte> ContentType { get; } // with its zero byte at the end, as the other texts

    public ReadOnlySpan<byte> ContentDisposition { get; }

    public ReadOnlySpan<byte> ContentEncoding { get; }

    public ReadOnlySpan<byte> Body { get; }

    public static bool TryRead(ReadOnlySpan<byte> value, out StoredResponse response)
    {
        response = default;
        if (value.Length < HeadSize + 3 || !value.StartsWith("RA"u8) || value[2] != Format || !IsKnown((ContentCoding)value[3])
            || BinaryPrimitives.ReadInt32LittleEndian(value[4..]) is < 0 or > MaximumDecodedSize
            || BinaryPrimitives.ReadUInt64LittleEndian(value[12..]) > LatestDate
            || value.Length < HeadSize + 3 + value[20] + value[21] + value[22])
        {
            return false;
        }

        response = new StoredResponse(value, value[20], value[21], value[22]);
        return response.Coding switch
        {
            ContentCoding.Identity => response.Body.Length == response.DecodedSize,
            ContentCoding.Zstd => response.DecodedSize <= response.Body.Length * LargestGrowth,
            _ => true, // never decoded here
        };
    }

    public static bool CanHold(OriginResponse response) =>
        response.IsReadable
        && response.Body.Length <= MaximumDecodedSize
        && response.ContentType.Length <= byte.MaxValue
        && response.ContentDisposition.Length <= byte.MaxValue
        && response.ContentEncoding.Length <= byte.MaxValue;

    public static void WriteHead(OriginResponse response, long lastModified, ContentCoding coding, IBufferWriter<byte> destination)
    {
        var type = response.ContentType;
        var disposition = response.ContentDisposition;
        var encoding = response.ContentEncoding;
        var size = HeadSize + type.Length + disposition.Length + encoding.Length + 3;
        var head = destination.GetSpan(size)[..size];
        head.Clear();
        "RA"u8.CopyTo(head);
        head[2] = Format;
        head[3] = (byte)coding;
        BinaryPrimitives.WriteInt32LittleEndian(head[4..], response.Body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[8..], (uint)Math.Clamp(response.CostMicroseconds, 0, uint.MaxValue));
        BinaryPrimitives.WriteInt64LittleEndian(head[12..], lastModified);
        head[20] = (byte)type.Length;
        head[21] = (byte)disposition.Length;
        head[22] = (byte)encoding.Length;
        type.CopyTo(head[HeadSize..]);
        disposition.CopyTo(head[(HeadSize + type.Length + 1)..]);
        encoding.CopyTo(head[(HeadSize + type.Length + disposition.Length + 2)..]);
        destination.Advance(size);
    }

    public void CopyHead(ContentCoding coding, Span<byte> destination)
    {
        Head.CopyTo(destination);
        destination[3] = (byte)coding;
    }

    private static bool IsKnown(ContentCoding coding) => coding is ContentCoding.Identity or ContentCoding.Gzip or ContentCoding.Zstd;
}
