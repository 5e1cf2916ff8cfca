using System.Collections.Concurrent;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Leases for use again: each thread keeps one to itself, for that is how most come and go.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class LeasePool(BufferPool buffers, MemoryBudget budget)
{
    private const int MaximumIdle = 256;

    [ThreadStatic]
    private static PooledLease? own;

    private readonly ConcurrentQueue<PooledLease> idle = new();

    /// <summary>A lease that owns a buffer.</summary>
    public PooledLease Take(byte[] buffer, Range value, long createdAt, long taken)
    {
        var lease = own;
        if (lease is not null && lease.Owner == this)
        {
            own = null;
        }
        else if (!idle.TryDequeue(out lease))
        {
            lease = new PooledLease(this);
        }

        lease.Fill(buffer, value, createdAt, taken);
        return lease;
    }

    /// <summary>Takes back what a lease held, and the lease.</summary>
    public void Return(PooledLease lease, byte[] buffer, long taken)
    {
        buffers.Return(buffer);
        budget.Give(taken);
        if (own is null)
        {
            own = lease;
        }
        else if (idle.Count < MaximumIdle)
        {
            idle.Enqueue(lease);
        }
    }
}
