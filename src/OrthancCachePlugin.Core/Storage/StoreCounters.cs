namespace OrthancCachePlugin.Core.Storage;

/// <summary>Counts since the store was created, whatever became of its logs since: they never fall. Thread-safe.</summary>
internal sealed class StoreCounters
{
    private long writes;
    private long droppedWrites;
    private long damagedReads;
    private long evictions;
    private long expiries;

    public long Writes => Interlocked.Read(ref writes);

    public long DroppedWrites => Interlocked.Read(ref droppedWrites);

    public long DamagedReads => Interlocked.Read(ref damagedReads);

    public long Evictions => Interlocked.Read(ref evictions);

    public long Expiries => Interlocked.Read(ref expiries);

    public void CountWrite() => Interlocked.Increment(ref writes);

    public void CountDroppedWrite() => Interlocked.Increment(ref droppedWrites);

    public void CountDamagedRead() => Interlocked.Increment(ref damagedReads);

    public void CountEvictions(long count) => Interlocked.Add(ref evictions, count);

    public void CountExpiries(long count) => Interlocked.Add(ref expiries, count);
}
