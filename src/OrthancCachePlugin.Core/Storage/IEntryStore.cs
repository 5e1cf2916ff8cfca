namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Keeps entries (a key, a time of creation, opaque bytes) on disk within a hard cap. May lose any entry at any moment; never returns
/// a wrong byte, never throws, never hangs: whatever fails inside is a miss, one line in the log, and a <see cref="StoreState"/>.
/// </summary>
/// <remarks>All members are thread-safe.</remarks>
public interface IEntryStore : IDisposable
{
    /// <summary>
    /// Looks the key up and verifies what it finds: checksum over key, header and value, and the stored key compared in full.
    /// </summary>
    /// <param name="key">The whole key; at most <see cref="EntryLimits.MaximumKeySize"/> bytes.</param>
    /// <param name="entry">On success, a copy that the caller owns and must dispose of.</param>
    /// <returns>False for a miss of any cause: absent, expired, damaged, store not working.</returns>
    bool TryRead(ReadOnlySpan<byte> key, out EntryLease entry);

    /// <summary>
    /// Finds out whether an entry will be written, before anybody is told that it is. One that may be larger than the store keeps is encoded
    /// for that.
    /// </summary>
    /// <param name="entry">Admitted, it is to be handed to <see cref="Enqueue"/>; refused, it was disposed of.</param>
    /// <param name="rejection">Why not.</param>
    /// <returns>True where it will be written, unless the store fails or the entry is removed in between.</returns>
    bool TryAdmit(PendingEntry entry, out StoreRejection rejection)
    {
        rejection = StoreRejection.None;
        return true;
    }

    /// <summary>Hands an entry that was admitted to the writers and returns at once.</summary>
    /// <param name="entry">Owned by the store from here on, which disposes of it, whatever the outcome.</param>
    void Enqueue(PendingEntry entry) => TryEnqueue(entry);

    /// <summary>Hands an entry to the writers behind a bounded queue and returns at once; encoding it may show that it is too large.</summary>
    /// <param name="entry">Owned by the store from here on, which disposes of it, whatever the outcome.</param>
    /// <returns>False where it was dropped: queue full, larger than the store keeps, or the store is not working.</returns>
    bool TryEnqueue(PendingEntry entry);

    /// <summary>Waits until everything that was enqueued before this call has been written or dropped.</summary>
    /// <param name="timeout">How long to wait at most.</param>
    /// <returns>False where the time ran out.</returns>
    bool Drain(TimeSpan timeout);

    /// <summary>What was removed. Who reads or computes something that is to be kept, here or in memory, notes its position before.</summary>
    RemovalLog Removals { get; }

    /// <summary>
    /// Removes every entry whose key is selected, and keeps what was read or computed of them before from being written. Their bytes have
    /// left the disk when this returns, if the store works then; if it does not, everything leaves the disk before anything of it is used
    /// again. Slow: it may rewrite the log.
    /// </summary>
    /// <returns>The number of entries removed.</returns>
    int Remove(KeyPrefixes keys);

    /// <summary>Lists the live entries whose key begins with <paramref name="keyPrefix"/>. Slow: it scans the log.</summary>
    IReadOnlyList<EntryInfo> List(ReadOnlySpan<byte> keyPrefix);

    /// <summary>A snapshot of the figures; cheap enough to be asked every second.</summary>
    StoreStatus GetStatus();
}
