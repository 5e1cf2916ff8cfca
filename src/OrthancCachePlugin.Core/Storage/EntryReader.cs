using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Looks keys up. Values that are known to be large pass two gates first, so that a flood of them neither fills memory nor queues up
/// at the disk; who waits for too long gets a miss.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class EntryReader(LogResources resources, StoreOptions options, StoreCounters counters, ILog log, TimeProvider clock) : IDisposable
{
    private const int LargeReads = 4;

    private static readonly TimeSpan LargeTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim largeReads = new(LargeReads);
    private readonly long expiration = (long)options.Expiration.TotalMilliseconds;

    /// <summary>Looks a key up; the caller has entered the session.</summary>
    public bool TryRead(StoreSession session, ReadOnlySpan<byte> key, out EntryLease lease)
    {
        lease = default;
        var hash = session.Engine.HashOf(key);
        var large = resources.Accesses.LargeSize(hash);
        if (large != 0)
        {
            if (!largeReads.Wait(LargeTimeout))
            {
                return false;
            }

            try
            {
                return resources.Budget.TryTake(large, LargeTimeout) && TryRead(session, key, hash, large, out lease);
            }
            finally
            {
                largeReads.Release();
            }
        }

        return TryRead(session, key, hash, 0, out lease);
    }

    /// <inheritdoc/>
    public void Dispose() => largeReads.Dispose();

    private bool TryRead(StoreSession session, ReadOnlySpan<byte> key, ulong hash, long taken, out EntryLease lease)
    {
        var outcome = session.Engine.TryRead(key, hash, taken, options.ReadTimeout, out lease);
        switch (outcome)
        {
            case ReadOutcome.Failed:
                session.Fail(new TimeoutException("The disk does not answer."));
                break;
            case ReadOutcome.Damaged:
                counters.CountDamagedRead();
                if (session.IsFirstDamage())
                {
                    LogMessages.EntryIsDamaged(log);
                }

                break;
        }

        if (outcome != ReadOutcome.Hit)
        {
            return false;
        }

        if (EntryAge.IsOver(lease.CreatedAt, clock.GetUtcNow().ToUnixTimeMilliseconds(), expiration))
        {
            lease.Dispose();
            lease = default;
            session.Engine.ForgetPlace(hash);
            return false;
        }

        resources.Accesses.Touch(hash);
        return true;
    }
}
