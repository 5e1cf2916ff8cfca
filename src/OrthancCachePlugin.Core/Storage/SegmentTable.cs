namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// What is known of each segment without reading it: how many records were written there and how old they are. It tells when
/// something in the log has expired, and feeds the status.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SegmentTable(int segmentBits)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<long, SegmentFacts> segments = [];

    /// <summary>Records in all segments. Those that were superseded are included where the newer one came long after, or before this start.</summary>
    public long Records
    {
        get
        {
            lock (gate)
            {
                return segments.Values.Sum(static facts => facts.Records);
            }
        }
    }

    /// <summary>Records in the segments in which not all were created until a time.</summary>
    public long RecordsSince(long time)
    {
        lock (gate)
        {
            return segments.Values.Where(facts => facts.Newest > time).Sum(static facts => facts.Records);
        }
    }

    /// <summary>Creation of the oldest record (Unix time in milliseconds), 0 where there is none.</summary>
    public long Oldest
    {
        get
        {
            lock (gate)
            {
                return segments.Count == 0 ? 0 : segments.Values.Min(static facts => facts.Oldest);
            }
        }
    }

    /// <summary>Notes a record that is written at an address of the log.</summary>
    /// <param name="record">Header and payload.</param>
    public void NoteRecord(long address, ReadOnlySpan<byte> record, int keySize)
    {
        if (keySize != 0 && RecordCodec.TryReadHeader(record, keySize, out var header))
        {
            Note(address >> segmentBits, 1, header.CreatedAt, header.CreatedAt);
        }
    }

    /// <summary>Notes records that a recovery found.</summary>
    public void Note(long segment, long records, long oldest, long newest)
    {
        lock (gate)
        {
            segments[segment] = segments.TryGetValue(segment, out var facts)
                ? new SegmentFacts(facts.Records + records, Math.Min(facts.Oldest, oldest), Math.Max(facts.Newest, newest))
                : new SegmentFacts(records, oldest, newest);
        }
    }

    /// <summary>A record at an address of the log is superseded.</summary>
    /// <param name="record">Header and payload.</param>
    public void ForgetRecord(long address, ReadOnlySpan<byte> record, int keySize)
    {
        lock (gate)
        {
            if (keySize != 0 && RecordCodec.TryReadHeader(record, keySize, out _) && segments.TryGetValue(address >> segmentBits, out var facts))
            {
                segments[address >> segmentBits] = facts with { Records = Math.Max(facts.Records - 1, 0) };
            }
        }
    }

    /// <summary>Forgets the segments below one, which were deleted.</summary>
    public void ForgetBelow(long segment)
    {
        lock (gate)
        {
            while (segments.Count != 0)
            {
                using var keys = segments.Keys.GetEnumerator();
                keys.MoveNext();
                if (keys.Current >= segment)
                {
                    return;
                }

                segments.Remove(keys.Current);
            }
        }
    }

    /// <summary>Records in one segment.</summary>
    public long RecordsIn(long segment)
    {
        lock (gate)
        {
            return segments.TryGetValue(segment, out var facts) ? facts.Records : 0;
        }
    }

    /// <summary>Whether every record of a segment was created before a time.</summary>
    public bool IsOlderThan(long segment, long time)
    {
        lock (gate)
        {
            return !segments.TryGetValue(segment, out var facts) || facts.Newest < time;
        }
    }
}
