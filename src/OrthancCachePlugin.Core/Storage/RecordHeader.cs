namespace OrthancCachePlugin.Core.Storage;

/// <summary>The fields in front of a record's payload; see <see cref="RecordCodec"/>.</summary>
/// <param name="Sum">The checksum.</param>
/// <param name="CreatedAt">Unix time in milliseconds.</param>
/// <param name="PayloadSize">Bytes.</param>
internal readonly record struct RecordHeader(uint Sum, long CreatedAt, int PayloadSize);
