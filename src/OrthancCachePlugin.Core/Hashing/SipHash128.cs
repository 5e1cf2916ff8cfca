using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace OrthancCachePlugin.Core.Hashing;

/// <summary>
/// SipHash-2-4 with 128 bits of output (Aumasson and Bernstein, 2012, and its reference implementation's 128-bit variant), because
/// the framework's own digests need OpenSSL at run time. About 1 ns per byte.
/// </summary>
/// <remarks>The key is fixed: validators must survive a restart, and no secret is kept with it.</remarks>
internal static class SipHash128
{
    private const ulong Key0 = 0x0706050403020100;
    private const ulong Key1 = 0x0f0e0d0c0b0a0908;

    public static Digest128 Hash(ReadOnlySpan<byte> data)
    {
        var v0 = 0x736f6d6570736575 ^ Key0;
        var v1 = 0x646f72616e646f6d ^ Key1 ^ 0xee;
        var v2 = 0x6c7967656e657261 ^ Key0;
        var v3 = 0x7465646279746573 ^ Key1;

        var last = (ulong)data.Length << 56;
        while (data.Length >= 8)
        {
            Compress(ref v0, ref v1, ref v2, ref v3, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[8..];
        }

        for (var i = 0; i < data.Length; i++)
        {
            last |= (ulong)data[i] << (8 * i);
        }

        Compress(ref v0, ref v1, ref v2, ref v3, last);
        v2 ^= 0xee;
        var low = Finish(ref v0, ref v1, ref v2, ref v3);
        v1 ^= 0xdd;
        var high = Finish(ref v0, ref v1, ref v2, ref v3);
        return new Digest128(low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Compress(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3, ulong word)
    {
        v3 ^= word;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= word;
    }

    private static ulong Finish(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        for (var i = 0; i < 4; i++)
        {
            Round(ref v0, ref v1, ref v2, ref v3);
        }

        return v0 ^ v1 ^ v2 ^ v3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v2 += v3;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}
