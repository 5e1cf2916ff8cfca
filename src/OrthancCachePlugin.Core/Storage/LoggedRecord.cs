using System.Buffers.Binary;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// A record as it lies in the log: 8 bytes of flags and the address of the record before, then key and value, each a 4-byte length and the
/// bytes, padded to 8. The value is that of <see cref="RecordCodec"/>.
/// </summary>
internal static class LoggedRecord
{
    private const int LengthSize = 4;
    private const int SmallestSize = 16;

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
        if (!TryMeasure(record, out var extent)
            || extent.KeySize != key.Length
            || !record.Slice(RecordExtent.KeyAt, key.Length).SequenceEqual(key))
        {
            return false;
        }

        payloadAt = extent.ValueAt + RecordCodec.HeaderSize;
        var value = record.Slice(extent.ValueAt, extent.ValueSize);
        return RecordCodec.TryReadHeader(value, key.Length, out header)
            && RecordCodec.Verify(header, key, value[RecordCodec.HeaderSize..]);
    }

    /// <summary>Finds out where the parts of a record lie, from its lengths alone.</summary>
    /// <param name="bytes">The record, and perhaps what follows it.</param>
    /// <param name="extent">The parts, all of them within the bytes.</param>
    /// <returns>False where a length cannot be right.</returns>
    public static bool TryMeasure(ReadOnlySpan<byte> bytes, out RecordExtent extent)
    {
        extent = default;
        if (bytes.Length < SmallestSize)
        {
            return false;
        }

        var keySize = BinaryPrimitives.ReadInt32LittleEndian(bytes[(RecordExtent.KeyAt - LengthSize)..]);
        if (keySize is < 0 or > EntryLimits.MaximumKeySize)
        {
            return false;
        }

        var valueAt = (int)LogGeometry.RecordSize(keySize, 0) - LengthSize; // an empty value takes 8: its length and the padding
        if (valueAt > bytes.Length)
        {
            return false;
        }

        var valueSize = BinaryPrimitives.ReadInt32LittleEndian(bytes[(valueAt - LengthSize)..]);
        if (valueSize < 0 || LogGeometry.RecordSize(keySize, valueSize) > bytes.Length)
        {
            return false;
        }

        extent = new RecordExtent(keySize, valueAt, valueSize, (int)LogGeometry.RecordSize(keySize, valueSize));
        return true;
    }
}
