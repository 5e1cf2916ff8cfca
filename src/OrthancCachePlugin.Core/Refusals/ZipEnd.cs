using System.Buffers.Binary;

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// Whether a ZIP archive came to its end: the "end of central directory" record is the last thing in it (APPNOTE.TXT, 4.3.16). When a
/// job fails half way, the origin's stream just ends, and an internal call passes the half off as the whole. Pure.
/// </summary>
public static class ZipEnd
{
    /// <summary>Bytes of the record and the longest comment behind it.</summary>
    public const int MaximumTail = Size + ushort.MaxValue;

    private const int Size = 22;
    private const int CommentSize = 20;

    /// <summary>Whether the record is there, and nothing behind it but its comment.</summary>
    /// <param name="tail">The last bytes of the archive: <see cref="MaximumTail"/>, or all where there are fewer.</param>
    public static bool IsIn(ReadOnlySpan<byte> tail)
    {
        for (var start = tail.Length - Size; start >= 0; start--)
        {
            var record = tail[start..];
            if (record.StartsWith("PK\x05\x06"u8)
                && BinaryPrimitives.ReadUInt16LittleEndian(record[CommentSize..]) == record.Length - Size)
            {
                return true;
            }
        }

        return false;
    }
}
