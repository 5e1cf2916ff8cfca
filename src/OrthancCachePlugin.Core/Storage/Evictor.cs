using OrthancCachePlugin.Core.Storage.Faster;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Keeps the log below the cap, by construction: nothing is appended unless all of the log, were it written out now, would fit. Room is
/// made by dropping the first segment, with a second chance for what was hit (see <see cref="SecondChance"/>).
/// </summary>
/// <remarks>The caller serializes everything that appends.</remarks>
internal sealed class Evictor(LogEngine engine, LogGeometry geometry, LogResources resources, StoreCounters counters, StoreOptions options, TimeProvider clock)
{
    private readonly long expiration = (long)options.Expiration.TotalMilliseconds;
    private long cap = options.MaximumBytes;

    /// <summary>Bytes that the files may take now: the configured cap, or less on a disk that is nearly full.</summary>
    public long Cap
    {
        get => Interlocked.Read(ref cap);
        set => Interlocked.Exchange(ref cap, value);
    }

    /// <summary>Makes room for one record.</summary>
    /// <returns>False where there is none to be made.</returns>
    public bool TryMakeRoom(long recordSize)
    {
        // What is kept is copied before its segment goes: that needs room of its own.
        var reserve = Math.Min(geometry.SegmentSize / 2, Cap / 8);
        while (!Fits(recordSize, reserve))
        {
            if (!Drop(underPressure: true))
            {
                return Fits(recordSize, 0);
            }
        }

        return true;
    }

    /// <summary>Drops segments until the log is below the cap, as after a start with a lower one.</summary>
    public void Enforce()
    {
        while (!Fits(0, 0) && Drop(underPressure: true))
        {
            // each turn gives back a segment
        }
    }

    /// <summary>
    /// Drops the first segment where something in the log has been over for long enough; what is not over moves to the tail.
    /// </summary>
    /// <returns>Whether a segment was dropped: call again then.</returns>
    /// <remarks>
    /// The log gives space back from its head only, so an old entry that was copied to a later segment is reached by moving all that
    /// lies before it. Waiting for an eighth of the expiration, a day at most, makes that at most one pass over the log per day.
    /// </remarks>
    public bool SweepExpired()
    {
        var oldest = engine.Segments.Oldest;
        if (oldest == 0)
        {
            return false;
        }

        var slack = Math.Min(expiration / 8, 24L * 60 * 60 * 1000);
        if (Now() - oldest < expiration + slack)
        {
            return false;
        }

        if (((engine.BeginAddress >> geometry.SegmentBits) + 1) << geometry.SegmentBits > engine.TailAddress)
        {
            if (!TryMakeRoom(geometry.SegmentSize))
            {
                return false;
            }

            engine.FillSegment();
        }

        // Where there is no room to move a whole segment, the cold entries of this one go as well.
        return Drop(underPressure: !Fits(geometry.SegmentSize, 0));
    }

    /// <summary>
    /// Lets a new segment begin. After damage was found: what follows a damaged block in its page is lost at each start, and must not
    /// take new entries with it.
    /// </summary>
    public void BeginSegment()
    {
        if (TryMakeRoom(Math.Min(geometry.SegmentSize, Cap / 8)))
        {
            engine.FillSegment();
        }
    }

    /// <summary>Rewrites the log without some keys.</summary>
    public void Purge(KeyPrefixes keys)
    {
        BeginSegment();
        var end = engine.TailAddress;
        while (engine.BeginAddress < end)
        {
            if (keys.AreAll ? !engine.DropHead(null) : !Drop(underPressure: false, keys))
            {
                throw new InvalidOperationException("The log cannot be purged.");
            }
        }
    }

    private bool Drop(bool underPressure, KeyPrefixes? purged = null)
    {
        var now = Now();
        var allOver = engine.Segments.IsOlderThan(engine.BeginAddress >> geometry.SegmentBits, now - expiration);
        var policy = new SecondChance(resources.Accesses, engine.StoreId, now, expiration)
        {
            UnderPressure = underPressure,
            Allowance = underPressure ? geometry.SegmentSize / 2 : geometry.SegmentSize,
            HasRoom = size => Fits(size, 0),
            Purged = purged,
        };
        var records = engine.Segments.RecordsIn(engine.BeginAddress >> geometry.SegmentBits);
        var dropped = engine.DropHead(allOver ? null : policy);
        counters.CountEvictions(policy.Evicted);
        counters.CountExpiries(allOver && dropped ? records : policy.Expired);
        return dropped;
    }

    private bool Fits(long recordSize, long reserve) =>
        engine.DiskUseAt(geometry.TailAfter(engine.TailAddress, recordSize)) + reserve <= Cap;

    private long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();
}
