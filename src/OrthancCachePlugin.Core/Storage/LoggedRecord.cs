using System.Buffers.Binary;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// A record as it lies in the log: 8 bytes of flags and the address of the record before, then key and value, each a 4-byte length and the
/// bytes, padded to 8. The value is that of <see cref="RecordCodec"/>.
/// </summary>
internal static class LoggedRecord
{
    private const int KeyAt = 12;

    /// <summary>Reads a record from anywhere; verifies everything but its age.</summary>
    /// <param name="record">The whole record.</param>
    /// <param name="key">The key that it must have.</param>
    /// <param name="header">Its header.</param>
    /// <param name="payloadAt">Where its payload begins.</param>
    /// <returns>False where it is anything but a record of this key, as it was written.</returns>
    public static bool TryRead(ReadOnlySpan<byte> record, ReadOnlySpan<byte> key, out RecordHeader header, out int payloadAt)
    {
        header = default;
        payloadAt = 0;
        var valueAt = (int)LogGeometry.RecordSize(key.Length, 0);
        if (record.Length < valueAt
            || BinaryPrimitives.ReadInt32LittleEndian(record[(KeyAt - 4)..]) != key.Length
            || !record.Slice(KeyAt, key.Length).SequenceEqual(key))
        {
            return false;
        }

        valueAt -= 4; // an empty value takes 8: its length and the padding
        var size = BinaryPrimitives.ReadInt32LittleEndian(record[(valueAt - 4)..]);
        if (size < 0 || size > record.Length - valueAt)
        {
            return false;
        }

        payloadAt = valueAt + RecordCodec.HeaderSize;
        var value = record.Slice(valueAt, size);
        return RecordCodec.TryReadHeader(value, key.Length, out header)
            && RecordCodec.Verify(header, key, value[RecordCodec.HeaderSize..]);
    }
}
