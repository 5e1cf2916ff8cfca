using System.Numerics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>What outlives a log that is given up and opened again.</summary>
internal sealed record LogResources(
    AccessTable Accesses, BufferPool Buffers, MemoryBudget Budget, LeasePool Leases, RemovalLog Removals, OversizedKeys Oversized, long IndexBuckets)
{
    private const long SmallestIndex = 1024;
    private const long LargestIndex = 1L << 22;

    public static LogResources Create(StoreOptions options)
    {
        var buffers = new BufferPool(options.LeaseBytes);
        var budget = new MemoryBudget(options.LeaseBytes);

        // A bucket of 64 bytes finds seven entries: one per 16 KiB of the cap is 4 MiB for 1 GiB.
        var buckets = BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(options.MaximumBytes / (16 * 1024), SmallestIndex, LargestIndex));
        return new LogResources(
            new AccessTable(options.MaximumBytes), buffers, budget, new LeasePool(buffers, budget), new RemovalLog(), new OversizedKeys(StoreOpener.NewIdentity()), (long)buckets);
    }
}
