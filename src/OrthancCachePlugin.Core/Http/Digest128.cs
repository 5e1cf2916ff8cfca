using System.Buffers.Binary;
using System.IO.Hashing;

namespace OrthancCachePlugin.Core.Http;

/// <remarks>Entity tags must survive a restart and be the same on every server of a database, so the hash has no secret, and two texts with one
/// digest can be made. So wherever a digest leads to a response, the whole key is compared.</remarks>
public readonly record struct Digest128(ulong Low, ulong High)
{
    public const int Size = 16;

    public static Digest128 Of(ReadOnlySpan<byte> data, long seed = 0)
    {
        var hash = XxHash128.HashToUInt128(data, seed);
        return new Digest128((ulong)hash, (ulong)(hash >> 64));
    }

    public static Digest128 Combine(Digest128 first, Digest128 second)
    {
        Span<byte> bytes = stackalloc byte[2 * Size];
        first.CopyTo(bytes);
        second.CopyTo(bytes[Size..]);
        return Of(bytes);
    }

    public static Digest128 Read(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));

    /// <summary>Writes the binary form, little endian, low half first.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Low);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], High);
    }

    public void FormatHex(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        _ = Convert.TryToHexStringLower(bytes, destination, out _);
    }
}

internal static class Hexadecimal
{
    /// <summary>The digits of four bytes, first byte first, as eight bytes of text side by side in one register.</summary>
    public static ulong Digits(uint bytes)
    {
        const ulong Each = 0x0101010101010101;
        ulong spread = bytes;
        spread = (spread | (spread << 16)) & 0x0000ffff0000ffff;
        spread = (spread | (spread << 8)) & 0x00ff00ff00ff00ff;
        var nibbles = ((spread >> 4) | (spread << 8)) & 0x0f0f0f0f0f0f0f0f;
        var isLetter = ((nibbles + (6 * Each)) >> 4) & Each;
        return nibbles + ('0' * Each) + (isLetter * ('a' - '0' - 10));
    }
}
