namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>What warm-up has done since the start, in the background and in jobs. Thread-safe.</summary>
public sealed class WarmUpCounters
{
    private long _stored;
    private long _cached;
    private long _notStored;
    private long _deleted;
    private long _changed;
    private long _resources;
    private long _givenUp;
    private long _pauses;

    public long Stored => Interlocked.Read(ref _stored);

    public long Cached => Interlocked.Read(ref _cached);

    public long NotStored => Interlocked.Read(ref _notStored);

    public long Deleted => Interlocked.Read(ref _deleted);

    public long ChangedMeanwhile => Interlocked.Read(ref _changed); // resources that changed while they were warmed

    public long Resources => Interlocked.Read(ref _resources); // resources all of whose routes were done

    public long GivenUp => Interlocked.Read(ref _givenUp); // resources that never settled

    public long Pauses => Interlocked.Read(ref _pauses); // how often clients went first

    internal void Count(WarmUpOutcome outcome)
    {
        switch (outcome)
        {
            case WarmUpOutcome.Stored:
                Interlocked.Increment(ref _stored);
                break;
            case WarmUpOutcome.Cached:
                Interlocked.Increment(ref _cached);
                break;
            case WarmUpOutcome.NotCached:
                Interlocked.Increment(ref _notStored);
                break;
            case WarmUpOutcome.Deleted:
                Interlocked.Increment(ref _deleted);
                break;
            default:
                break; // tried again
        }
    }

    internal void Ended(bool isDone) => Interlocked.Increment(ref isDone ? ref _resources : ref _givenUp);

    internal void Canceled() => Interlocked.Increment(ref _changed);

    internal void Paused() => Interlocked.Increment(ref _pauses);
}
