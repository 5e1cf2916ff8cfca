namespace OrthancCachePlugin.Core.Storage;

/// <summary>A snapshot of the store's figures. Counts are since this process opened it; bytes are now.</summary>
public sealed record StoreStatus
{
    private long? bytesOnDisk;

    public required StoreState State { get; init; }

    /// <summary>Why the store is disabled, in words for the person who runs the server; empty while it works.</summary>
    public string Reason { get; init; } = "";

    /// <summary>
    /// Every byte under the directory: log, sidecars, checkpoints. Whoever asks first has the directory gone through, once for each snapshot,
    /// and who does not ask pays nothing for it.
    /// </summary>
    public long BytesOnDisk
    {
        get => bytesOnDisk ??= Measure?.Invoke() ?? 0;
        init => bytesOnDisk = value;
    }

    /// <summary>Goes through the directory.</summary>
    internal Func<long>? Measure { get; init; }

    /// <summary>The cap in bytes.</summary>
    public long MaximumBytes { get; init; }

    /// <summary>Bytes of the log that memory holds.</summary>
    public long BytesInMemory { get; init; }

    /// <summary>Live entries, as far as counters know.</summary>
    public long Entries { get; init; }

    /// <summary>Entries found by the recovery at the start of this process.</summary>
    public long RecoveredEntries { get; init; }

    public long Evictions { get; init; }

    public long Expiries { get; init; }

    /// <summary>Entries that wait for a writer.</summary>
    public int QueueLength { get; init; }

    /// <summary>Bytes that the waiting entries hold.</summary>
    public long QueueBytes { get; init; }

    /// <summary>Whether whoever computes ahead should wait for the writer: more would soon be dropped.</summary>
    public bool IsBehind => QueueLength > 1024 || QueueBytes > (8L << 20);

    public long Writes { get; init; }

    /// <summary>Entries that were not written: queue full, too large, or the disk failed.</summary>
    public long DroppedWrites { get; init; }

    /// <summary>Entries that failed their checksum and were answered as misses.</summary>
    public long DamagedReads { get; init; }

    /// <summary>Creation of the oldest live entry (Unix time in milliseconds), 0 where there is none or it is not known.</summary>
    public long OldestEntry { get; init; }
}
