namespace OrthancCachePlugin.Core.Storage;

/// <summary>Is shown a record of the log; the spans are valid during the call only.</summary>
/// <param name="address">Its place in the log: of two records with one key, the higher is the valid one.</param>
/// <param name="record">Header and payload.</param>
internal delegate void RecordVisitor(long address, ReadOnlySpan<byte> key, ReadOnlySpan<byte> record);
