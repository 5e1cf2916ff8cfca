namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Where small records were found on disk, by the hash of their keys, so that the next lookup reads the record itself and nothing else: a
/// record carries its key and a checksum of its own. Only a hint: another key may have taken the place, the record may be gone.
/// </summary>
/// <remarks>
/// One number per slot: 10 more bits of the hash, 41 bits of the address and 13 of the size, both in units of 8 bytes; 0 is empty.
/// Thread-safe without locks.
/// </remarks>
internal sealed class RecordLocations
{
    private const int MostSlots = 256 * 1024;
    private const int Unit = 8;
    private const int SizeBits = 13;
    private const int AddressBits = 41;
    private const int TagShift = SizeBits + AddressBits;

    private readonly ulong[] slots;
    private readonly ulong mask;

    /// <param name="count">How many records it has room for at the most, a power of two; it takes no more than 2 MiB.</param>
    public RecordLocations(long count)
    {
        slots = new ulong[Math.Min(count, MostSlots)];
        mask = (ulong)slots.Length - 1;
    }

    /// <summary>Notes where a record lies. One that is too large, or an address beyond 16 TiB, is not noted.</summary>
    /// <param name="hash">Of its key.</param>
    /// <param name="address">In the log, a multiple of 8.</param>
    /// <param name="size">Bytes in the log, a multiple of 8.</param>
    public void Note(ulong hash, long address, long size)
    {
        if (size < (Unit << SizeBits) && address < ((long)Unit << AddressBits))
        {
            Volatile.Write(ref slots[hash & mask], TagOf(hash) | ((ulong)(address / Unit) << SizeBits) | (ulong)(size / Unit));
        }
    }

    /// <summary>Where the record of a key may lie.</summary>
    public bool TryFind(ulong hash, out long address, out int size)
    {
        var slot = Volatile.Read(ref slots[hash & mask]);
        address = (long)((slot >> SizeBits) & ((1UL << AddressBits) - 1)) * Unit;
        size = (int)(slot & ((1UL << SizeBits) - 1)) * Unit;
        return slot != 0 && slot >> TagShift == TagOf(hash) >> TagShift;
    }

    /// <summary>Forgets a place that was not the right one.</summary>
    public void Forget(ulong hash) => Volatile.Write(ref slots[hash & mask], 0);

    private static ulong TagOf(ulong hash) => hash & ~((1UL << TagShift) - 1);
}
