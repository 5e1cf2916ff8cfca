using FASTER.core;

namespace OrthancCachePlugin.Core.Storage.Faster;

/// <summary>
/// Keeps what the log says about its last checkpoint in memory. The file is written later, by the maintenance thread, because the log
/// calls this from whichever thread happens to advance it, a reader's among them.
/// </summary>
internal sealed class CheckpointKeeper : ICheckpointManager
{
    private readonly Lock gate = new();
    private Guid token;
    private byte[]? description;

    /// <summary>Makes a checkpoint that was read from disk known to the log.</summary>
    public void Offer(Guid recoveredToken, byte[] recoveredDescription)
    {
        lock (gate)
        {
            token = recoveredToken;
            description = recoveredDescription;
        }
    }

    /// <summary>The last checkpoint.</summary>
    public bool TryGet(out Guid lastToken, out byte[] lastDescription)
    {
        lock (gate)
        {
            lastToken = token;
            lastDescription = description ?? [];
            return description is not null;
        }
    }

    /// <inheritdoc/>
    public void CommitLogCheckpoint(Guid logToken, byte[] commitMetadata) => Offer(logToken, commitMetadata);

    /// <inheritdoc/>
    public byte[]? GetLogCheckpointMetadata(Guid logToken, DeltaLog deltaLog, bool scanDelta = false, long recoverTo = -1) =>
        TryGet(out var last, out var found) && last == logToken ? found : null;

    /// <inheritdoc/>
    public IEnumerable<Guid> GetLogCheckpointTokens() => TryGet(out var last, out _) ? [last] : [];

    /// <inheritdoc/>
    public IEnumerable<Guid> GetIndexCheckpointTokens() => [];

    /// <inheritdoc/>
    public byte[]? GetIndexCheckpointMetadata(Guid indexToken) => null;

    /// <inheritdoc/>
    public IDevice? GetDeltaLogDevice(Guid token) => null;

    /// <inheritdoc/>
    public IDevice GetIndexDevice(Guid indexToken) => throw new NotSupportedException();

    /// <inheritdoc/>
    public IDevice GetSnapshotLogDevice(Guid token) => throw new NotSupportedException();

    /// <inheritdoc/>
    public IDevice GetSnapshotObjectLogDevice(Guid token) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void InitializeIndexCheckpoint(Guid indexToken)
    {
    }

    /// <inheritdoc/>
    public void InitializeLogCheckpoint(Guid logToken)
    {
    }

    /// <inheritdoc/>
    public void CommitIndexCheckpoint(Guid indexToken, byte[] commitMetadata)
    {
    }

    /// <inheritdoc/>
    public void CheckpointVersionShift(long oldVersion, long newVersion)
    {
    }

    /// <inheritdoc/>
    public void CommitLogIncrementalCheckpoint(Guid logToken, long version, byte[] commitMetadata, DeltaLog deltaLog)
    {
    }

    /// <inheritdoc/>
    public void OnRecovery(Guid indexToken, Guid logToken)
    {
    }

    /// <inheritdoc/>
    public void Purge(Guid token)
    {
    }

    /// <inheritdoc/>
    public void PurgeAll()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
