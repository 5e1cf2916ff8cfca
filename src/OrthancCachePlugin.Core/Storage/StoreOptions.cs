using System.Numerics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Sizes are in bytes; the defaults suit entries of up to 8 MiB.</summary>
public sealed record StoreOptions
{
    /// <summary>Created with mode 0700: it holds patient data.</summary>
    public required string Directory { get; init; }

    /// <summary>The hard cap on every byte under <see cref="Directory"/>.</summary>
    public long MaximumBytes { get; init; } = 1L << 30;

    /// <summary>Of the log in memory; rounded down to a power of two, at most a quarter of the cap.</summary>
    public long MemoryBytes { get; init; } = 64L << 20;

    public TimeSpan Expiration { get; init; } = TimeSpan.FromDays(7);

    public long QueueBytes { get; init; } = 32L << 20;

    public int QueueEntries { get; init; } = 4096;

    public long LargeReadBytes { get; init; } = 64L << 20; // large values that callers may have at once

    public int PageBits { get; init; } // Log2 of a page, which bounds an entry; 0 derives it from the memory. For tests.

    public int SegmentBits { get; init; } // Log2 of a segment file; 0 makes it one page. For tests.

    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(10); // what a killed process loses at most

    public TimeSpan MaintenanceInterval { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(5);

    public TimeSpan RecoveryTimeout { get; init; } = TimeSpan.FromSeconds(60); // after which the store begins empty

    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(5); // after which a read is a miss and the disk counts as failed

    /// <summary>For each step of Dispose: the queue, the checkpoint, the log.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>The sizes of the log as powers of two: records never cross a page, space is given back in segments. Stores of different geometry cannot
/// read each other, so the fingerprint is part of the checkpoint.</summary>
internal sealed record LogGeometry(int PageBits, int SegmentBits, int MemoryBits)
{
    public const int BlockSize = 4096;

    /// <summary>Room for all that is not a segment: checkpoint and draft, lock, marker, the directory itself.</summary>
    public const long FixedBytes = 64 * 1024;

    private const int SmallestPageBits = 16;
    private const int LargestPageBits = 24;

    public long PageSize => 1L << PageBits;

    public long SegmentSize => 1L << SegmentBits;

    public long SidecarSize => SegmentSize / BlockSize * BlockSums.SlotSize;

    public ulong Fingerprint => ((ulong)RecordCodec.Magic << 32) | (GuardedSegments.Format << 16) | ((uint)SegmentBits << 8) | (uint)PageBits;

    /// <summary>Never throws, whatever the options are.</summary>
    public static LogGeometry From(StoreOptions options)
    {
        var memory = Math.Max(4L << SmallestPageBits, Math.Min(options.MemoryBytes, options.MaximumBytes / 4));
        var memoryBits = Math.Min(BitOperations.Log2((ulong)memory), 40);
        var pageBits = options.PageBits != 0 ? options.PageBits : memoryBits - 2;
        pageBits = Math.Clamp(pageBits, SmallestPageBits, LargestPageBits);
        var segmentBits = Math.Clamp(options.SegmentBits, pageBits, 30);
        return new LogGeometry(pageBits, segmentBits, Math.Max(memoryBits, pageBits + 2));
    }

    /// <summary>8 bytes, then key and value, each behind a 4-byte length and padded to 8.</summary>
    public static long RecordSize(int keySize, int valueSize) => 8 + Align8(4 + keySize) + Align8(4 + valueSize);

    public static int ValueAt(int keySize) => (int)RecordSize(keySize, 0) - 4; // an empty value takes 8: its length and the padding

    /// <summary>Fits a page whatever its key.</summary>
    public int LargestPayload =>
        (int)Math.Min(EntryLimits.MaximumValueSize, PageSize - RecordSize(EntryLimits.MaximumKeySize, RecordCodec.HeaderSize));

    public bool Fits(int keySize, int valueSize) => RecordSize(keySize, valueSize) <= PageSize;

    /// <summary>Four segments: one is being dropped and one being written.</summary>
    public bool CanWork(long maximumBytes) => DiskUse(0, 4 * SegmentSize) <= maximumBytes;

    /// <summary>Where the tail will be: a record that does not fit begins a new page.</summary>
    public long TailAfter(long tail, long recordSize)
    {
        var rest = PageSize - (tail & (PageSize - 1));
        return recordSize <= rest ? tail + recordSize : tail + rest + recordSize;
    }

    /// <summary>Bytes on disk once all up to the tail is written and all below a segment is deleted.</summary>
    public long DiskUse(long firstSegment, long tail)
    {
        var whole = (tail >> SegmentBits) - firstSegment;
        var blocks = ((tail & (SegmentSize - 1)) + BlockSize - 1) / BlockSize;
        return FixedBytes + (whole * (SegmentSize + RoundUp(SidecarSize))) + (blocks * BlockSize) + RoundUp(blocks * BlockSums.SlotSize);
    }

    private static long Align8(long size) => (size + 7) & ~7L;

    private static long RoundUp(long size) => (size + BlockSize - 1) / BlockSize * BlockSize;
}
