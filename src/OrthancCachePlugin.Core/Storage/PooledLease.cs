namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// A lease that returns to its pool, together with its buffer and its share of the memory budget. Disposing twice in a row does
/// nothing; using it after that is an error of the caller, and throws until somebody else has it.
/// </summary>
internal sealed class PooledLease(LeasePool owner) : EntryLease
{
    private byte[]? buffer;
    private Range range;
    private long createdAt;
    private long taken;

    /// <inheritdoc/>
    public override long CreatedAt => createdAt;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Value =>
        (buffer ?? throw new ObjectDisposedException(nameof(EntryLease))).AsSpan(range);

    /// <summary>Takes over a buffer and a share of the budget.</summary>
    public void Fill(byte[] held, Range value, long created, long budgetTaken)
    {
        range = value;
        createdAt = created;
        taken = budgetTaken;
        buffer = held;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref buffer, null) is { } value)
        {
            owner.Return(this, value, taken);
        }
    }
}
