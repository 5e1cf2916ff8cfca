namespace OrthancCachePlugin.Core.Storage;

/// <summary>Keeps nothing: what serves where a store cannot even be made.</summary>
public sealed class NoStore(string reason) : IEntryStore
{
    /// <inheritdoc/>
    public bool TryRead(ReadOnlySpan<byte> key, out EntryLease entry)
    {
        entry = default;
        return false;
    }

    /// <inheritdoc/>
    public bool TryAdmit(PendingEntry entry, out StoreRejection rejection)
    {
        rejection = StoreRejection.NotWorking;
        return TryEnqueue(entry);
    }

    /// <inheritdoc/>
    public void Enqueue(PendingEntry entry) => entry.Dispose();

    /// <inheritdoc/>
    public bool TryEnqueue(PendingEntry entry)
    {
        entry.Dispose();
        return false;
    }

    /// <inheritdoc/>
    public bool Drain(TimeSpan timeout) => true;

    /// <inheritdoc/>
    public RemovalLog Removals { get; } = new();

    /// <inheritdoc/>
    public int Remove(KeyPrefixes keys) => 0;

    /// <inheritdoc/>
    public IReadOnlyList<EntryInfo> List(ReadOnlySpan<byte> keyPrefix) => [];

    /// <inheritdoc/>
    public StoreStatus GetStatus() => new() { State = StoreState.Disabled, Reason = reason };

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
