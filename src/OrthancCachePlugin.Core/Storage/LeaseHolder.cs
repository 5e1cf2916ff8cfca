namespace OrthancCachePlugin.Core.Storage;

/// <summary>What an <see cref="EntryLease"/> lends; may be used again once that lease has ended.</summary>
public abstract class LeaseHolder
{
    private long _turn;

    /// <summary>See <see cref="EntryLease.CreatedAt"/>.</summary>
    public abstract long CreatedAt { get; }

    /// <summary>See <see cref="EntryLease.Value"/>.</summary>
    public abstract ReadOnlySpan<byte> Value { get; }

    internal long Turn => Volatile.Read(ref _turn);

    internal void End(long turn)
    {
        if (Interlocked.CompareExchange(ref _turn, turn + 1, turn) == turn)
        {
            GiveBack();
        }
    }

    /// <summary>Gives the buffer back; called once for each lease.</summary>
    protected abstract void GiveBack();
}
