namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>What warm-up has done since the start, in the background and in jobs. Thread-safe.</summary>
public sealed class WarmUpCounters
{
    private long _stored;
    private long _held;
    private long _deleted;
    private long _canceled;
    private long _notKept;
    private long _pauses;
    private long _resources;
    private long _givenUp;

    /// <summary>Answers that were computed and kept.</summary>
    public long Stored => Interlocked.Read(ref _stored);

    /// <summary>Answers that were held already.</summary>
    public long Held => Interlocked.Read(ref _held);

    /// <summary>Answers that were computed and not kept.</summary>
    public long NotKept => Interlocked.Read(ref _notKept);

    /// <summary>Resources that were gone when their turn came.</summary>
    public long Gone => Interlocked.Read(ref _deleted);

    /// <summary>Resources that changed while they were warmed.</summary>
    public long ChangedMeanwhile => Interlocked.Read(ref _canceled);

    /// <summary>Resources all of whose routes were done.</summary>
    public long Resources => Interlocked.Read(ref _resources);

    /// <summary>Resources that never settled.</summary>
    public long GivenUp => Interlocked.Read(ref _givenUp);

    /// <summary>How often clients went first.</summary>
    public long Pauses => Interlocked.Read(ref _pauses);

    /// <summary>What a job counted before the host was restarted.</summary>
    /// <param name="stored">See <see cref="Stored"/>.</param>
    /// <param name="held">See <see cref="Held"/>.</param>
    /// <param name="notKept">See <see cref="NotKept"/>.</param>
    /// <param name="gone">See <see cref="Gone"/>.</param>
    internal void Begin(long stored, long held, long notKept, long gone) =>
        (_stored, _held, _notKept, _deleted) = (stored, held, notKept, gone);

    internal void Count(WarmUpOutcome outcome)
    {
        switch (outcome)
        {
            case WarmUpOutcome.Stored:
                Interlocked.Increment(ref _stored);
                break;
            case WarmUpOutcome.Held:
                Interlocked.Increment(ref _held);
                break;
            case WarmUpOutcome.NotKept:
                Interlocked.Increment(ref _notKept);
                break;
            case WarmUpOutcome.Gone:
                Interlocked.Increment(ref _deleted);
                break;
            default:
                break; // comes again
        }
    }

    internal void Ended(bool isDone) => Interlocked.Increment(ref isDone ? ref _resources : ref _givenUp);

    internal void Canceled() => Interlocked.Increment(ref _canceled);

    internal void Paused() => Interlocked.Increment(ref _pauses);
}
