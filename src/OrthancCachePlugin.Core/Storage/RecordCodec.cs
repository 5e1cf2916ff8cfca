using System.Buffers.Binary;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>The value of a record in the log.</summary>
/// <remarks>
/// <code>
/// offset  size  little endian
///      0     4  magic and version: "ORC2"
///      4     4  checksum (see Checksum) over bytes 8 to 24, then the key, then the payload, appended one after the other
///      8     8  creation, Unix time in milliseconds
///     16     4  bytes of the key
///     20     4  bytes of the payload
///     24     n  payload
/// </code>
/// The key itself is the record's key in the log; the checksum is computed over the key that was asked for.
/// </remarks>
internal static class RecordCodec
{
    /// <summary>"ORC2": the last character is the version.</summary>
    public const uint Magic = 0x3243_524F;

    /// <summary>Bytes in front of the payload.</summary>
    public const int HeaderSize = 24;

    /// <summary>Fills in the header of a record whose payload is already in place.</summary>
    /// <param name="record">Header and payload.</param>
    public static void WriteHeader(Span<byte> record, ReadOnlySpan<byte> key, long createdAt)
    {
        var payload = record[HeaderSize..];
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], createdAt);
        BinaryPrimitives.WriteInt32LittleEndian(record[16..], key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(record[20..], payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Sum(record[8..HeaderSize], key, payload));
    }

    /// <summary>Reads a header and checks that it can belong to this key and to a record of this size; not the checksum.</summary>
    /// <param name="record">Header and payload.</param>
    public static bool TryReadHeader(ReadOnlySpan<byte> record, int keySize, out RecordHeader header)
    {
        header = default;
        if (record.Length < HeaderSize
            || BinaryPrimitives.ReadUInt32LittleEndian(record) != Magic
            || BinaryPrimitives.ReadInt32LittleEndian(record[16..]) != keySize
            || BinaryPrimitives.ReadInt32LittleEndian(record[20..]) != record.Length - HeaderSize)
        {
            return false;
        }

        header = new RecordHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(record[4..]),
            BinaryPrimitives.ReadInt64LittleEndian(record[8..]),
            record.Length - HeaderSize);
        return true;
    }

    /// <summary>Whether a header, a key and a payload are what was written together.</summary>
    public static bool Verify(RecordHeader header, ReadOnlySpan<byte> key, ReadOnlySpan<byte> payload)
    {
        Span<byte> fields = stackalloc byte[HeaderSize - 8];
        BinaryPrimitives.WriteInt64LittleEndian(fields, header.CreatedAt);
        BinaryPrimitives.WriteInt32LittleEndian(fields[8..], key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(fields[12..], header.PayloadSize);
        return payload.Length == header.PayloadSize && Sum(fields, key, payload) == header.Sum;
    }

    private static uint Sum(ReadOnlySpan<byte> fields, ReadOnlySpan<byte> key, ReadOnlySpan<byte> payload) =>
        (uint)Checksum.Append(Checksum.Append(Checksum.Append(0, fields), key), payload);
}
