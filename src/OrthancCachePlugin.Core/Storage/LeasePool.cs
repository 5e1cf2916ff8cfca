using System.Collections.Concurrent;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Leases for use again.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class LeasePool(BufferPool buffers, MemoryBudget budget)
{
    private const int MaximumIdle = 256;

    private readonly ConcurrentQueue<PooledLease> idle = new();

    /// <summary>A lease that owns a buffer.</summary>
    public EntryLease Take(byte[] buffer, Range value, long createdAt, long taken)
    {
        if (!idle.TryDequeue(out var lease))
        {
            lease = new PooledLease(this);
        }

        lease.Fill(buffer, value, createdAt, taken);
        return new EntryLease(lease);
    }

    /// <summary>Takes back what a lease held, and the lease.</summary>
    public void Return(PooledLease lease, byte[] buffer, long taken)
    {
        budget.Give(taken);
        buffers.Return(buffer);
        if (idle.Count < MaximumIdle)
        {
            idle.Enqueue(lease);
        }
    }
}
