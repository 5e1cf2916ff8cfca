namespace OrthancCachePlugin.Core.Storage;

/// <summary>What the store needs to know. Sizes are in bytes; the defaults suit entries of up to 8 MiB.</summary>
public sealed record StoreOptions
{
    /// <summary>Where the files go. Created with mode 0700: it holds patient data.</summary>
    public required string Directory { get; init; }

    /// <summary>The hard cap on every byte under <see cref="Directory"/>.</summary>
    public long MaximumBytes { get; init; } = 1L << 30;

    /// <summary>The part of the log that memory holds; rounded down to a power of two and at most a quarter of the cap.</summary>
    public long MemoryBytes { get; init; } = 64L << 20;

    /// <summary>The age, from its creation, at which an entry is not served any more.</summary>
    public TimeSpan Expiration { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Bytes that waiting entries may hold.</summary>
    public long QueueBytes { get; init; } = 32L << 20;

    /// <summary>Number of entries that may wait.</summary>
    public int QueueEntries { get; init; } = 4096;

    /// <summary>Bytes of large values that callers may hold at once; see <see cref="MemoryBudget"/>.</summary>
    public long LeaseBytes { get; init; } = 64L << 20;

    /// <summary>Log2 of a page of the log, which bounds an entry; 0 derives it from <see cref="MemoryBytes"/>. For tests.</summary>
    public int PageBits { get; init; }

    /// <summary>Log2 of a segment file; 0 makes it one page. For tests.</summary>
    public int SegmentBits { get; init; }

    /// <summary>Between two checkpoints: what a killed process loses at most.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks at the directory, the disk and the clock.</summary>
    public TimeSpan MaintenanceInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two attempts to open a store that could not be opened or that failed.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a recovery may take before it is given up and the store begins empty.</summary>
    public TimeSpan RecoveryTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a read waits for the disk before it is a miss and the disk counts as failed.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long Dispose waits for each of its steps: the queue, the checkpoint, the log.</summary>
    public TimeSpan ShutdownTimeout { get; init; } = TimeSpan.FromSeconds(5);
}
