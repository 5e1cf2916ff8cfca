using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// A 64-bit hash of a key, by multiplying and folding 16 bytes at a time (the idea of wyhash). The seed differs from store to
/// store, so that nobody can choose requests that share a bucket.
/// </summary>
/// <remarks>The links of the log depend on it: another hash is another format (see <see cref="RecordCodec.Magic"/>).</remarks>
internal static class KeyHash
{
    private const ulong First = 0x9E37_79B9_7F4A_7C15;
    private const ulong Second = 0xD6E8_FEB8_6659_FD93;

    public static ulong Compute(ReadOnlySpan<byte> key, ulong seed)
    {
        var hash = Fold(seed ^ First, Second ^ (ulong)key.Length);
        while (key.Length >= 16)
        {
            hash = Fold(Read(key) ^ First ^ hash, Read(key[8..]) ^ Second);
            key = key[16..];
        }

        ulong low = 0, high = 0;
        for (var i = 0; i < key.Length; i++)
        {
            if (i < 8)
            {
                low |= (ulong)key[i] << (8 * i);
            }
            else
            {
                high |= (ulong)key[i] << (8 * (i - 8));
            }
        }

        return Fold(low ^ First ^ hash, high ^ Second);
    }

    private static ulong Read(ReadOnlySpan<byte> bytes) => Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference(bytes));

    private static ulong Fold(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }
}
