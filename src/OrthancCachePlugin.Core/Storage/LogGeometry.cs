using System.Numerics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// The sizes of the log, derived from the options. Two stores with different geometry cannot read each other's files, so
/// <see cref="Fingerprint"/> is part of the checkpoint.
/// </summary>
/// <param name="PageBits">Log2 of a page: records never cross one.</param>
/// <param name="SegmentBits">Log2 of a file of the log: space is given back in these units.</param>
/// <param name="MemoryBits">Log2 of the part of the log in memory.</param>
internal sealed record LogGeometry(int PageBits, int SegmentBits, int MemoryBits)
{
    /// <summary>The unit of checksums and of writes, in bytes.</summary>
    public const int BlockSize = 4096;

    /// <summary>Room for everything that is not a segment: checkpoint, its temporary copy, lock, marker, the directory itself.</summary>
    public const long FixedBytes = 64 * 1024;

    private const int SmallestPageBits = 16;
    private const int LargestPageBits = 24;

    public long PageSize => 1L << PageBits;

    public long SegmentSize => 1L << SegmentBits;

    /// <summary>Bytes of the checksum file of a full segment.</summary>
    public long SidecarSize => SegmentSize / BlockSize * BlockSums.SlotSize;

    /// <summary>Identifies the layout on disk.</summary>
    public ulong Fingerprint => ((ulong)RecordCodec.Magic << 32) | (GuardedSegments.Format << 16) | ((uint)SegmentBits << 8) | (uint)PageBits;

    /// <summary>Derives the geometry; never throws, whatever the options hold.</summary>
    public static LogGeometry From(StoreOptions options)
    {
        var memory = Math.Max(4L << SmallestPageBits, Math.Min(options.MemoryBytes, options.MaximumBytes / 4));
        var memoryBits = Math.Min(BitOperations.Log2((ulong)memory), 40);
        var pageBits = options.PageBits != 0 ? options.PageBits : memoryBits - 2;
        pageBits = Math.Clamp(pageBits, SmallestPageBits, LargestPageBits);
        var segmentBits = Math.Clamp(options.SegmentBits, pageBits, 30);
        return new LogGeometry(pageBits, segmentBits, Math.Max(memoryBits, pageBits + 2));
    }

    /// <summary>Bytes that a record takes in the log: an 8-byte word, then key and value, each behind a 4-byte length and padded to 8.</summary>
    public static long RecordSize(int keySize, int valueSize) => 8 + Align8(4 + keySize) + Align8(4 + valueSize);

    /// <summary>Bytes of the largest payload that fits a page whatever its key, at most <see cref="EntryLimits.MaximumValueSize"/>.</summary>
    public int LargestPayload =>
        (int)Math.Min(EntryLimits.MaximumValueSize, PageSize - RecordSize(EntryLimits.MaximumKeySize, RecordCodec.HeaderSize));

    /// <summary>Whether a record of this size fits a page.</summary>
    public bool Fits(int keySize, int valueSize) => RecordSize(keySize, valueSize) <= PageSize;

    /// <summary>Whether a cap has room for a log at all: four segments, one of which is being dropped and one being written.</summary>
    public bool CanWork(long maximumBytes) => DiskUse(0, 4 * SegmentSize) <= maximumBytes;

    /// <summary>Where the tail will be after a record of <paramref name="recordSize"/> bytes: one that does not fit begins a new page.</summary>
    public long TailAfter(long tail, long recordSize)
    {
        var rest = PageSize - (tail & (PageSize - 1));
        return recordSize <= rest ? tail + recordSize : tail + rest + recordSize;
    }

    /// <summary>Bytes on disk once everything below <paramref name="tail"/> is written and everything below <paramref name="firstSegment"/> is deleted.</summary>
    public long DiskUse(long firstSegment, long tail)
    {
        var whole = (tail >> SegmentBits) - firstSegment;
        var blocks = ((tail & (SegmentSize - 1)) + BlockSize - 1) / BlockSize;
        return FixedBytes + (whole * (SegmentSize + RoundUp(SidecarSize))) + (blocks * BlockSize) + RoundUp(blocks * BlockSums.SlotSize);
    }

    private static long Align8(long size) => (size + 7) & ~7L;

    private static long RoundUp(long size) => (size + BlockSize - 1) / BlockSize * BlockSize;
}
