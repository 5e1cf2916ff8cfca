namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// A copy of one entry's value in a borrowed buffer. Dispose gives the buffer back; the value must not be used after that. Disposing again
/// does nothing, whenever that is and whoever has the buffer by then: a lease knows in which turn of its holder it was given out.
/// </summary>
public readonly struct EntryLease : IDisposable
{
    private readonly LeaseHolder? _holder;
    private readonly long _turn;

    /// <summary>Lends what a holder holds now.</summary>
    public EntryLease(LeaseHolder holder)
    {
        ArgumentNullException.ThrowIfNull(holder);
        _holder = holder;
        _turn = holder.Turn;
    }

    /// <summary>When the entry was created (Unix time in milliseconds), whatever eviction copied meanwhile.</summary>
    public long CreatedAt => Holder.CreatedAt;

    /// <summary>The bytes that were written, verified.</summary>
    public ReadOnlySpan<byte> Value => Holder.Value;

    private LeaseHolder Holder =>
        _holder is { } holder && holder.Turn == _turn ? holder : throw new ObjectDisposedException(nameof(EntryLease));

    /// <inheritdoc/>
    public void Dispose() => _holder?.End(_turn);
}
