using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// CRC-32C (Castagnoli), eight bytes at a time. By the processor's instruction where it has one: a library compiled ahead of time for any
/// x86-64 asks for it at run time, unless it is compiled for size, and then <see cref="BitOperations.Crc32C(uint, ulong)"/> takes a table of
/// single bytes (.NET 9). Eight tables, one for each byte of a word, need no step to wait for the one before.
/// </summary>
internal static class Crc32C
{
    private const uint Polynomial = 0x82F63B78; // reversed, RFC 3720 section 12.1
    private const int Values = 256;
    private static readonly uint[] Tables = MakeTables();

    /// <summary>Continues <paramref name="crc"/> with a word, its lowest byte first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Append(uint crc, ulong word) => Sse42.X64.IsSupported ? BitOperations.Crc32C(crc, word) : AppendByTables(crc, word);

    /// <summary>The same, on any processor.</summary>
    public static uint AppendByTables(uint crc, ulong word)
    {
        ref var tables = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(Tables);
        word ^= crc;
        return At(ref tables, 7, word) ^ At(ref tables, 6, word >> 8) ^ At(ref tables, 5, word >> 16) ^ At(ref tables, 4, word >> 24)
            ^ At(ref tables, 3, word >> 32) ^ At(ref tables, 2, word >> 40) ^ At(ref tables, 1, word >> 48) ^ At(ref tables, 0, word >> 56);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint At(ref uint tables, int table, ulong value) => Unsafe.Add(ref tables, (table * Values) + (byte)value);

    /// <summary>Table n holds what a byte becomes with n zero bytes behind it.</summary>
    private static uint[] MakeTables()
    {
        var tables = new uint[sizeof(ulong) * Values];
        for (var i = 0; i < Values; i++)
        {
            var crc = (uint)i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * Polynomial);
            }

            tables[i] = crc;
        }

        for (var i = Values; i < tables.Length; i++)
        {
            var before = tables[i - Values];
            tables[i] = (before >> 8) ^ tables[(byte)before];
        }

        return tables;
    }
}
