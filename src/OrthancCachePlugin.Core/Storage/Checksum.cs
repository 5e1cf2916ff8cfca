using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// CRC-32C (Castagnoli) without the final inversion. Stretches of 1 KiB are summed in four interleaved lanes of 256 bytes, and the four
/// sums then enter the running one, because one chain of the processor's instruction waits three cycles for itself.
/// </summary>
/// <remarks>Part of the formats on disk: the golden files pin it.</remarks>
internal static class Checksum
{
    private const int Lane = 256;
    private const int Stretch = 4 * Lane;

    /// <summary>The value to begin with.</summary>
    public const uint Start = 0xFFFFFFFF;

    /// <summary>Continues <paramref name="crc"/> with a number.</summary>
    public static uint Append(uint crc, ulong value) => Crc32C.Append(crc, value);

    /// <summary>Continues <paramref name="crc"/> with bytes. Appending in pieces gives another result than appending at once.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= Stretch)
        {
            crc = AppendStretch(crc, MemoryMarshal.Cast<byte, ulong>(bytes[..Stretch]));
            bytes = bytes[Stretch..];
        }

        while (bytes.Length >= sizeof(ulong))
        {
            crc = Crc32C.Append(crc, Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference(bytes)));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (var value in bytes)
        {
            crc = BitOperations.Crc32C(crc, value);
        }

        return crc;
    }

    private static uint AppendStretch(uint crc, ReadOnlySpan<ulong> words)
    {
        const int step = Lane / sizeof(ulong);
        uint second = 0, third = 0, fourth = 0;
        for (var i = 0; i < step; i++)
        {
            crc = Crc32C.Append(crc, words[i]);
            second = Crc32C.Append(second, words[step + i]);
            third = Crc32C.Append(third, words[(2 * step) + i]);
            fourth = Crc32C.Append(fourth, words[(3 * step) + i]);
        }

        crc = Crc32C.Append(crc, ((ulong)second << 32) | third);
        return BitOperations.Crc32C(crc, fourth);
    }
}
