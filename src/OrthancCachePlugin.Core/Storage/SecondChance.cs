namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Decides what survives when the first segment of the log is dropped: under pressure, an entry that was hit since its last chance and
/// for which there is room; otherwise (a sweep for expired or purged entries) every entry that is neither.
/// </summary>
/// <remarks>One instance per dropped segment, used by one thread.</remarks>
internal sealed class SecondChance(AccessTable accesses, ulong seed, long now, long expirationMilliseconds) : IKeepPolicy
{
    private long kept;

    /// <summary>Whether an entry must have been hit to be kept.</summary>
    public bool UnderPressure { get; init; }

    /// <summary>Bytes that may be kept.</summary>
    public long Allowance { get; init; }

    /// <summary>Whether a record of so many bytes still fits below the cap.</summary>
    public required Func<long, bool> HasRoom { get; init; }

    /// <summary>Keys that are dropped; null for none.</summary>
    public KeyPrefixes? Purged { get; init; }

    public long Evicted { get; private set; }

    public long Expired { get; private set; }

    /// <inheritdoc/>
    public bool ShouldKeep(ReadOnlySpan<byte> key, ReadOnlySpan<byte> record)
    {
        if (key.IsEmpty)
        {
            return false; // filler
        }

        if (!RecordCodec.TryReadHeader(record, key.Length, out var header))
        {
            return false;
        }

        var hash = KeyHash.Compute(key, seed);
        if (EntryAge.IsOver(header.CreatedAt, now, expirationMilliseconds))
        {
            Expired++;
            accesses.Forget(hash);
            return false;
        }

        if (Purged is not null && Purged.Match(key))
        {
            return false;
        }

        var size = LogGeometry.RecordSize(key.Length, record.Length);
        if ((UnderPressure && accesses.Count(hash) == 0) || kept + size > Allowance || !HasRoom(size))
        {
            Evicted++;
            return false;
        }

        if (!RecordCodec.Verify(header, key, record[RecordCodec.HeaderSize..]))
        {
            return false;
        }

        if (UnderPressure)
        {
            accesses.Age(hash);
        }

        kept += size;
        return true;
    }
}
