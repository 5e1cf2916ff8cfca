namespace OrthancCachePlugin.Core.Storage;

/// <summary>A holder that returns to its pool, together with its buffer and its share of the memory budget.</summary>
internal sealed class PooledLease(LeasePool owner) : LeaseHolder
{
    private byte[] buffer = [];
    private Range range;
    private long createdAt;
    private long taken;

    /// <inheritdoc/>
    public override long CreatedAt => createdAt;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Value => buffer.AsSpan(range);

    /// <summary>Takes over a buffer and a share of the budget.</summary>
    public void Fill(byte[] held, Range value, long created, long budgetTaken)
    {
        range = value;
        createdAt = created;
        taken = budgetTaken;
        buffer = held;
    }

    /// <inheritdoc/>
    protected override void GiveBack()
    {
        var held = buffer;
        buffer = [];
        range = default;
        owner.Return(this, held, taken);
    }
}
