namespace OrthancCachePlugin.Core.Storage;

/// <summary>What a checkpoint says; see <see cref="CheckpointFile"/>.</summary>
internal sealed record CheckpointData(ulong Fingerprint, ulong StoreId, Guid Token, byte[] Description);
