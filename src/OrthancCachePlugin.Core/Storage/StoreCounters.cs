namespace OrthancCachePlugin.Core.Storage;

/// <summary>Counts since the store was created. Thread-safe.</summary>
internal sealed class StoreCounters
{
    private long writes;
    private long droppedWrites;
    private long damagedReads;

    public long Writes => Interlocked.Read(ref writes);

    public long DroppedWrites => Interlocked.Read(ref droppedWrites);

    public long DamagedReads => Interlocked.Read(ref damagedReads);

    public void CountWrite() => Interlocked.Increment(ref writes);

    public void CountDroppedWrite() => Interlocked.Increment(ref droppedWrites);

    public void CountDamagedRead() => Interlocked.Increment(ref damagedReads);
}
