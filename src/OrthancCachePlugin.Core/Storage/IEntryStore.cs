namespace OrthancCachePlugin.Core.Storage;

/// <summary>Keeps entries (a key, a time of creation, opaque bytes) on disk within a hard cap. May lose any entry at any moment; never returns a
/// wrong byte, never throws, never hangs: whatever fails inside is a miss, one line in the log, and a <see cref="StoreState"/>.</summary>
/// <remarks>All members are thread-safe.</remarks>
public interface IEntryStore : IDisposable
{
    /// <summary>Retrieves a verified copy, which the caller disposes of. False for a miss of any cause: absent, expired, damaged, not
    /// working.</summary>
    bool TryRead(ReadOnlySpan<byte> key, out StoredEntry entry);

    /// <summary>Finds out whether an entry will be written, before anybody is told that it is; one that may be too large is encoded for that.
    /// Admitted, it must be handed to Enqueue; refused, it was disposed of.</summary>
    bool TryAdmit(PendingEntry entry, out StoreRejection rejection)
    {
        rejection = StoreRejection.None;
        return true;
    }

    /// <summary>Hands an admitted entry, now owned by the store, to the writer; returns at once.</summary>
    void Enqueue(PendingEntry entry) => TryEnqueue(entry);

    /// <summary>Hands an entry, now owned by the store, to the writer; returns at once. False where it was dropped: queue full, too large, or the
    /// store is not working.</summary>
    bool TryEnqueue(PendingEntry entry);

    /// <summary>Waits until everything that was enqueued before is written or dropped; false on a timeout.</summary>
    bool Drain(TimeSpan timeout);

    /// <summary>What was removed. Note its position before reading or computing something that is to be stored.</summary>
    RemovalLog Removals { get; }

    /// <summary>Removes the selected entries, and prevents that what was read or computed of them before is written. Their bytes have left the disk
    /// when this returns; where the store does not work, everything leaves the disk before it is used again. Slow: it scans the log.</summary>
    int Remove(KeyPrefixes keys);

    /// <summary>Slow: it scans the log.</summary>
    IReadOnlyList<EntryInfo> List(ReadOnlySpan<byte> keyPrefix);

    /// <summary>Cheap enough to be asked every second.</summary>
    StoreStatus GetStatus();
}

public readonly struct StoredEntry(SharedBuffer buffer, Range value, long createdAt) : IDisposable
{
    public long CreatedAt => createdAt; // Unix milliseconds

    public SharedBuffer Buffer => buffer;

    public ReadOnlySpan<byte> Value => buffer.Span[value];

    public void Dispose() => buffer.Dispose();
}

/// <summary>A stored entry without its value. Creation in Unix milliseconds, size in bytes.</summary>
public sealed record EntryInfo(ReadOnlyMemory<byte> Key, long CreatedAt, int ValueSize);

public enum StoreRejection
{
    None,

    NotWorking, // being opened, failed, or closed

    TooLarge, // no record has room for it, even encoded

    Busy, // too much waits to be written, or no memory to encode it
}

public enum StoreState
{
    Recovering, // answers misses until what an earlier process left is read

    Working,

    Disabled, // answers misses and tries again; the reason is in the status
}

/// <summary>Counts are since this process created the store; bytes are now.</summary>
public sealed record StoreStatus
{
    private long? bytesOnDisk;

    public required StoreState State { get; init; }

    public string Reason { get; init; } = ""; // in words for who runs the server; empty while it works

    /// <summary>Every byte under the directory, which is gone through when this is first asked.</summary>
    public long BytesOnDisk
    {
        get => bytesOnDisk ??= Measure?.Invoke() ?? 0;
        init => bytesOnDisk = value;
    }

    internal Func<long>? Measure { get; init; }

    /// <summary>What the entries take on disk once all of them are written; known without asking the disk.</summary>
    public long BytesOfEntries { get; init; }

    /// <summary>The newest entries are in memory alone for a while, and count as well.</summary>
    public long BytesUsed => Math.Max(BytesOnDisk, BytesOfEntries);

    public long MaximumBytes { get; init; }

    public long BytesInMemory { get; init; }

    public long Entries { get; init; }

    public long RecoveredEntries { get; init; }

    public long Evictions { get; init; }

    public long Expiries { get; init; }

    public int QueueLength { get; init; }

    public long QueueBytes { get; init; }

    /// <summary>Whether the warm-up should wait for the writer: more would soon be dropped.</summary>
    public bool IsBehind => QueueLength > 1024 || QueueBytes > (8L << 20);

    public long Writes { get; init; }

    public long DroppedWrites { get; init; } // entries that were not written: queue full, too large, or the disk failed

    public long DamagedReads { get; init; }

    public long OldestEntry { get; init; } // creation of the oldest live entry, 0 where it is not known
}

/// <summary>Stores nothing: for when no store can be made.</summary>
public sealed class NoStore(string reason) : IEntryStore
{
    public bool TryRead(ReadOnlySpan<byte> key, out StoredEntry entry)
    {
        entry = default;
        return false;
    }

    public bool TryAdmit(PendingEntry entry, out StoreRejection rejection)
    {
        rejection = StoreRejection.NotWorking;
        return TryEnqueue(entry);
    }

    public void Enqueue(PendingEntry entry) => entry.Dispose();

    public bool TryEnqueue(PendingEntry entry)
    {
        entry.Dispose();
        return false;
    }

    public bool Drain(TimeSpan timeout) => true;

    public RemovalLog Removals { get; } = new();

    public int Remove(KeyPrefixes keys) => 0;

    public IReadOnlyList<EntryInfo> List(ReadOnlySpan<byte> keyPrefix) => [];

    public StoreStatus GetStatus() => new() { State = StoreState.Disabled, Reason = reason };

    public void Dispose()
    {
    }
}
