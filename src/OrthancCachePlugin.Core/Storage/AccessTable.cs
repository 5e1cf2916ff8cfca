using System.Numerics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// What eviction and reading must know of an entry without touching the log: how often it was hit since its last chance (0 to 3), and
/// roughly how large it is where it is large. One byte per slot, found by the key's hash; two keys that share a slot share their luck.
/// </summary>
/// <remarks>
/// Corbató's CLOCK with a counter in place of the bit. Thread-safe without locks: a lost update costs a hit its mark, no more.
/// Overhead: one byte per KiB of the cap, between 64 KiB and 4 MiB.
/// </remarks>
internal sealed class AccessTable
{
    private const int CountMask = 0b11;
    private const int ClassShift = 3;
    private const int LargestClass = 31;

    private readonly byte[] slots;
    private readonly ulong mask;

    public AccessTable(long maximumBytes)
    {
        var size = BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(maximumBytes / 1024, 64 * 1024, 4 * 1024 * 1024));
        slots = new byte[size];
        mask = size - 1;
    }

    /// <summary>Values of up to this many bytes are not large.</summary>
    public const int LargeThreshold = 256 * 1024;

    public int Bytes => slots.Length;

    /// <summary>Marks a hit.</summary>
    public void Touch(ulong hash)
    {
        ref var slot = ref slots[hash & mask];
        if ((slot & CountMask) != CountMask)
        {
            slot++;
        }
    }

    /// <summary>Hits since the last chance, 0 to 3.</summary>
    public int Count(ulong hash) => slots[hash & mask] & CountMask;

    /// <summary>Uses up one hit.</summary>
    public void Age(ulong hash)
    {
        ref var slot = ref slots[hash & mask];
        if ((slot & CountMask) != 0)
        {
            slot--;
        }
    }

    /// <summary>Notes the size of a value that was written or found.</summary>
    public void NoteSize(ulong hash, int valueSize)
    {
        if (valueSize <= LargeThreshold)
        {
            return;
        }

        ref var slot = ref slots[hash & mask];
        var sizeClass = Math.Min(BitOperations.Log2((uint)valueSize - 1) + 1, LargestClass);
        if (slot >> ClassShift < sizeClass)
        {
            slot = (byte)((slot & CountMask) | (sizeClass << ClassShift));
        }
    }

    /// <summary>An upper bound of the size of a large value, 0 where the key's value is small as far as is known.</summary>
    public int LargeSize(ulong hash)
    {
        var sizeClass = slots[hash & mask] >> ClassShift;
        return sizeClass == 0 ? 0 : 1 << Math.Min(sizeClass, 30);
    }

    /// <summary>Forgets an entry that was evicted.</summary>
    public void Forget(ulong hash) => slots[hash & mask] = 0;
}
