namespace OrthancCachePlugin.Core.Storage;

/// <summary>What is known of one stored entry without its value.</summary>
/// <param name="Key">The whole key.</param>
/// <param name="CreatedAt">Unix time in milliseconds.</param>
/// <param name="ValueSize">Bytes of the stored value.</param>
public sealed record EntryInfo(ReadOnlyMemory<byte> Key, long CreatedAt, int ValueSize);
