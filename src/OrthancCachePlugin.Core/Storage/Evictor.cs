using System.Numerics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Keeps the log below the cap, by construction: nothing is appended unless all of the log, were it written out now, would fit. Room is made
/// by dropping the first segment, with a second chance for what was hit (see <see cref="SecondChance"/>).</summary>
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

    public bool TryMakeRoom(long recordSize)
    {
        // Survivors are copied before their segment is deleted: that needs room of its own.
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

    public void Enforce()
    {
        while (!Fits(0, 0) && Drop(underPressure: true))
        {
        }
    }

    /// <summary>Drops the first segment where something in the log has expired for an eighth of the expiration (a day at most): as the log gives
    /// space back from its head only, all that lies before must move, and so at most once a day. True: call again.</summary>
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

    /// <summary>Lets a new segment begin. After damage: what follows a damaged block in its page is lost at each start, and must not take new entries
    /// with it.</summary>
    public void BeginSegment()
    {
        if (TryMakeRoom(Math.Min(geometry.SegmentSize, Cap / 8)))
        {
            engine.FillSegment();
        }
    }

    /// <summary>Rewrites the log without some keys: all of it, where in-place removal cannot see everything.</summary>
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

/// <summary>What survives when the first segment is dropped: under pressure, an entry that was hit since its last chance and for which there is room;
/// otherwise all that has not expired. One instance per segment.</summary>
internal sealed class SecondChance(AccessTable accesses, ulong seed, long now, long expirationMilliseconds)
{
    private long kept;

    public bool UnderPressure { get; init; }

    public long Allowance { get; init; }

    public required Func<long, bool> HasRoom { get; init; }

    public KeyPrefixes? Purged { get; init; }

    public long Evicted { get; private set; }

    public long Expired { get; private set; }

    /// <summary>Asked once per record, in the order of the log; superseded ones come too.</summary>
    public bool ShouldKeep(ReadOnlySpan<byte> key, ReadOnlySpan<byte> record)
    {
        if (key.IsEmpty)
        {
            return false; // filler
        }

        if (!RecordCodec.TryReadHeader(record, key.Length, out var header))
        {
            return false;
        }

        var hash = KeyHash.Compute(key, seed);
        if (EntryAge.IsOver(header.CreatedAt, now, expirationMilliseconds))
        {
            Expired++;
            accesses.Forget(hash);
            return false;
        }

        if (Purged is not null && Purged.Match(key))
        {
            return false;
        }

        var size = LogGeometry.RecordSize(key.Length, record.Length);
        if ((UnderPressure && accesses.Count(hash) == 0) || kept + size > Allowance || !HasRoom(size))
        {
            Evicted++;
            return false;
        }

        if (!RecordCodec.Verify(header, key, record[RecordCodec.HeaderSize..]))
        {
            return false;
        }

        if (UnderPressure)
        {
            accesses.Age(hash);
        }

        kept += size;
        return true;
    }
}

/// <summary>CLOCK with a counter: hits since the last chance (0 to 3) and the size class of large values, a byte per slot, found by the hash of the
/// key; keys may share a slot. One slot per KiB of the cap, between 64 KiB and 4 MiB. Thread-safe without locks: a lost update costs a hit its
/// mark.</summary>
internal sealed class AccessTable
{
    private const int CountMask = 0b11;
    private const int ClassShift = 3;
    private const int LargestClass = 31;

    private readonly byte[] slots;
    private readonly ulong mask;

    public AccessTable(long maximumBytes)
    {
        var size = BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(maximumBytes / 1024, 64 * 1024, 4 * 1024 * 1024));
        slots = new byte[size];
        mask = size - 1;
    }

    public const int LargeThreshold = 256 * 1024;

    public int Bytes => slots.Length;

    public void Touch(ulong hash)
    {
        ref var slot = ref slots[hash & mask];
        if ((slot & CountMask) != CountMask)
        {
            slot++;
        }
    }

    public int Count(ulong hash) => slots[hash & mask] & CountMask;

    public void Age(ulong hash)
    {
        ref var slot = ref slots[hash & mask];
        if ((slot & CountMask) != 0)
        {
            slot--;
        }
    }

    public void NoteSize(ulong hash, int valueSize)
    {
        if (valueSize <= LargeThreshold)
        {
            return;
        }

        ref var slot = ref slots[hash & mask];
        var sizeClass = Math.Min(BitOperations.Log2((uint)valueSize - 1) + 1, LargestClass);
        if (slot >> ClassShift < sizeClass)
        {
            slot = (byte)((slot & CountMask) | (sizeClass << ClassShift));
        }
    }

    /// <summary>An upper bound of the size; 0 where the value is small or unknown.</summary>
    public int LargeSize(ulong hash)
    {
        var sizeClass = slots[hash & mask] >> ClassShift;
        return sizeClass == 0 ? 0 : 1 << Math.Min(sizeClass, 30);
    }

    public void Forget(ulong hash) => slots[hash & mask] = 0;
}
