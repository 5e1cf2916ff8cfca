using System.Buffers.Binary;

namespace OrthancCachePlugin.Core.Hashing;

/// <summary>128 bits that stand for a longer text: a version, a body, a key.</summary>
public readonly record struct Digest128(ulong Low, ulong High)
{
    /// <summary>Bytes of the binary form.</summary>
    public const int Size = 16;

    /// <summary>Hashes with SipHash-2-4-128 under a fixed key.</summary>
    public static Digest128 Of(ReadOnlySpan<byte> data) => SipHash128.Hash(data);

    /// <summary>Reads the binary form.</summary>
    public static Digest128 Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));

    /// <summary>Writes the binary form, little endian, low half first.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Low);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], High);
    }

    /// <summary>Writes 32 lower-case hexadecimal digits.</summary>
    public void FormatHex(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Hexadecimal.Digits((uint)Low));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Hexadecimal.Digits((uint)(Low >> 32)));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Hexadecimal.Digits((uint)High));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], Hexadecimal.Digits((uint)(High >> 32)));
    }
}
