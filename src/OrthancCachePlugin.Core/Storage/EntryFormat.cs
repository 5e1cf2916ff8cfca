using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;

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
/// The key is that of the record in the log. A removed record is "ORC0" and zeros, as long as it was.
/// </remarks>
internal static class RecordCodec
{
    public const uint Magic = 0x3243_524F;

    public const int HeaderSize = 24;

    private const uint Removed = 0x3043_524F;

    public static void WriteHeader(Span<byte> record, ReadOnlySpan<byte> key, long createdAt)
    {
        var payload = record[HeaderSize..];
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        BinaryPrimitives.WriteInt64LittleEndian(record[8..], createdAt);
        BinaryPrimitives.WriteInt32LittleEndian(record[16..], key.Length);
        BinaryPrimitives.WriteInt32LittleEndian(record[20..], payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record[4..], Sum(record[8..HeaderSize], key, payload));
    }

    /// <summary>Checks that the header fits the key and the size of the record; not the checksum.</summary>
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

    public static bool IsRemoved(ReadOnlySpan<byte> record) =>
        record.Length >= HeaderSize && BinaryPrimitives.ReadUInt32LittleEndian(record) == Removed;

    public static void Remove(Span<byte> record)
    {
        record.Clear();
        if (record.Length >= HeaderSize)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(record, Removed);
        }
    }

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

internal readonly record struct RecordHeader(uint Sum, long CreatedAt, int PayloadSize);

/// <summary>A record as it lies in the log: 8 bytes of flags and the address of the record before, then key and value, each a 4-byte length and the
/// bytes, padded to 8. The value is that of <see cref="RecordCodec"/>.</summary>
internal static class LoggedRecord
{
    private const int LengthSize = 4;
    private const int SmallestSize = 16;

    /// <summary>Reads a record from anywhere; false where it is anything but the record of this key as it was written, whatever its age.</summary>
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

        var valueAt = LogGeometry.ValueAt(keySize);
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

/// <summary>Where the parts of a record lie, in bytes from its beginning; the next record may begin at the end.</summary>
internal readonly record struct RecordExtent(int KeySize, int ValueAt, int ValueSize, int End)
{
    public const int KeyAt = 12;
}

/// <summary>Collects an encoded value behind room for its header, in one buffer that grows up to a limit. Asked for more than is left, it gives what
/// is left: a compressor need not get room for its worst case. For spans only.</summary>
internal sealed class RecordBuffer(int maximumSize) : IBufferWriter<byte>, IDisposable
{
    private const int FirstSize = 64 * 1024;

    private readonly int limit = RecordCodec.HeaderSize + maximumSize;
    private SharedBuffer buffer = new(Math.Min(FirstSize, RecordCodec.HeaderSize + maximumSize));
    private int length = RecordCodec.HeaderSize;

    public int PayloadSize => length - RecordCodec.HeaderSize;

    public bool WasShort { get; private set; } // whether more was asked for than was left below the limit

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, buffer.Span.Length - length);
        length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => throw new NotSupportedException();

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        var needed = (long)length + Math.Max(sizeHint, 1);
        if (needed > limit)
        {
            WasShort = true;
            needed = limit;
            if (length == limit)
            {
                throw new InvalidOperationException("The value is larger than the store takes.");
            }
        }

        var size = buffer.Span.Length;
        if (needed > size)
        {
            Resize((int)Math.Max(needed, Math.Min(size * 2L, limit)));
        }

        return buffer.Span[length..];
    }

    /// <summary>Moves the value to a buffer of its size, since it will wait there.</summary>
    public void Trim() => Resize(length);

    /// <summary>Fills in the header; the result is valid until the next use of this buffer.</summary>
    public ReadOnlySpan<byte> Finish(ReadOnlySpan<byte> key, long createdAt)
    {
        var record = buffer.Span[..length];
        RecordCodec.WriteHeader(record, key, createdAt);
        return record;
    }

    public void Dispose() => buffer.Dispose();

    private void Resize(int size)
    {
        var other = new SharedBuffer(size);
        buffer.Span[..length].CopyTo(other.Span);
        buffer.Dispose();
        buffer = other;
    }
}

/// <summary>Sizes that keep an entry inside one page of the log.</summary>
public static class EntryLimits
{
    public const int MaximumKeySize = 1024; // bytes; an entry with a longer key is not stored

    public const int MaximumValueSize = 8 * 1024 * 1024; // bytes of the encoded value; a larger one is not stored
}

/// <summary>The lower half of XxHash3, against damage, not forgery. Part of the formats on disk: the golden files pin it.</summary>
internal static class Checksum
{
    /// <summary>Continues a sum, at first 0 or an identity. Appending in pieces gives another result than appending at once.</summary>
    public static ulong Append(ulong sum, ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes, (long)sum);

    public static uint Of(ReadOnlySpan<byte> bytes) => (uint)Append(0, bytes);
}

/// <summary>Seeded with a secret of the store, so that nobody can choose requests that share a bucket. The hash chains of the log depend on it:
/// another hash is another format.</summary>
internal static class KeyHash
{
    public static ulong Compute(ReadOnlySpan<byte> key, ulong seed) => XxHash3.HashToUInt64(key, (long)seed);
}

internal static class EntryAge
{
    private const long Tolerance = 24 * 60 * 60 * 1000;

    /// <summary>Whether an entry has expired (Unix milliseconds). One from more than a day ahead says that the clock was wrong, then or now: expired,
    /// in doubt.</summary>
    public static bool IsOver(long createdAt, long now, long expiration) =>
        now - createdAt >= expiration || createdAt - now > Math.Min(Tolerance, expiration);
}
