using System.Numerics;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>The entry store on disk. Nothing of the log is used by a caller's thread but lookups; opening, writing, eviction, checkpoints and repair
/// happen on threads of its own, and where they fail, lookups are misses until they succeed again.</summary>
/// <remarks>Memory: <see cref="StoreOptions.MemoryBytes"/> and one page of the log; <see cref="StoreOptions.QueueBytes"/> of waiting entries;
/// <see cref="StoreOptions.LargeReadBytes"/> of large values on their way out; four large records and one page while they are read from disk; the
/// index (4 MiB per GiB of the cap), the places of records (2 MiB), the table of accesses (1 MiB per GiB, 4 MiB at most); and what the collector has
/// not collected yet, for which the host should set <c>System.GC.ConserveMemory</c> to 7.</remarks>
public sealed class FasterEntryStore : IEntryStore
{
    private readonly StoreOptions options;
    private readonly LogResources resources;

    private readonly int largestSure; // an entry of up to this size surely fits once it is encoded
    private readonly WriteQueue queue;
    private readonly StoreCounters counters = new();
    private readonly EntryReader reader;
    private readonly EntryWriter writer;
    private readonly StoreKeeper keeper;
    private int disposed;

    /// <summary>Creates a store and begins to open it in the background; never throws for what it finds there.</summary>
    public FasterEntryStore(StoreOptions options, ILog log, TimeProvider clock)
        : this(options, log, clock, LocalDisk.Instance, StoreOpener.NewIdentity)
    {
    }

    internal FasterEntryStore(StoreOptions options, ILog log, TimeProvider clock, IDisk disk, Func<ulong> identity)
    {
        this.options = options;
        var largest = LogGeometry.From(options).LargestPayload;
        largestSure = largest - (largest / 128) - 1024; // what coding adds to what cannot be compressed, and a head
        resources = LogResources.Create(options);
        queue = new WriteQueue(options.QueueEntries, options.QueueBytes);
        keeper = new StoreKeeper(new StoreOpener(disk, options, resources, counters, log, clock, identity), options, log, clock);
        reader = new EntryReader(resources, options, counters, log, clock);
        writer = new EntryWriter(queue, resources, options, counters, clock, () => keeper.Current);
        keeper.Start();
        writer.Start();
    }

    internal bool Maintain(TimeSpan timeout) => keeper.Maintain(timeout);

    public bool TryRead(ReadOnlySpan<byte> key, out StoredEntry entry)
    {
        entry = default;
        if (key.IsEmpty || key.Length > EntryLimits.MaximumKeySize || keeper.Current is not { } session || !session.TryEnter())
        {
            return false;
        }

        try
        {
            return reader.TryRead(session, key, out entry);
        }
        catch (Exception e)
        {
            session.Fail(e);
            return false;
        }
        finally
        {
            session.Leave();
        }
    }

    public bool TryAdmit(PendingEntry entry, out StoreRejection rejection)
    {
        ArgumentNullException.ThrowIfNull(entry);
        rejection = TryReserve(entry);
        if (rejection == StoreRejection.None && entry.SizeInMemory > largestSure)
        {
            rejection = writer.Encode(entry, waits: true);
            if (rejection != StoreRejection.None)
            {
                queue.GiveUpReserved(entry);
            }
        }

        if (rejection != StoreRejection.None)
        {
            Drop(entry);
        }

        return rejection == StoreRejection.None;
    }

    public void Enqueue(PendingEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (!queue.TryAddReserved(entry))
        {
            Drop(entry);
        }
    }

    public bool TryEnqueue(PendingEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        if (TryReserve(entry) == StoreRejection.None && queue.TryAddReserved(entry))
        {
            return true;
        }

        Drop(entry);
        return false;
    }

    public bool Drain(TimeSpan timeout) => queue.WaitUntilDone(timeout);

    public RemovalLog Removals => resources.Removals;

    public int Remove(KeyPrefixes keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        var removed = 0;
        var done = false;
        keeper.WaitUntilOpen(options.RecoveryTimeout);
        var expired = keeper.Now() - (long)options.Expiration.TotalMilliseconds;
        Use(session => done = keys.AreAll ? session.RemoveAll(expired, out removed) : session.Remove(keys, expired, out removed));
        if (!done)
        {
            // What cannot be removed alone is removed with everything.
            Removals.Add(keys);
            keeper.RequestWipe();
        }

        queue.Discard(keys);
        return removed;
    }

    public IReadOnlyList<EntryInfo> List(ReadOnlySpan<byte> keyPrefix)
    {
        var keys = KeyPrefixes.Of(keyPrefix);
        IReadOnlyList<EntryInfo> entries = [];
        Use(session => entries = LiveEntries(session, keys));
        return entries;
    }

    public StoreStatus GetStatus()
    {
        var status = new StoreStatus
        {
            State = keeper.State,
            Reason = keeper.Reason,
            MaximumBytes = options.MaximumBytes,
            QueueLength = queue.Length,
            QueueBytes = queue.Bytes,
            Writes = counters.Writes,
            DroppedWrites = counters.DroppedWrites,
            DamagedReads = counters.DamagedReads,
            RecoveredEntries = keeper.RecoveredEntries,
            Measure = keeper.MeasureBytesOnDisk,
            Evictions = counters.Evictions,
            Expiries = counters.Expiries,
        };
        Use(session => status = status with
        {
            BytesInMemory = session.Engine.MemoryBytes,
            BytesOfEntries = session.Engine.BytesOfEntries,
            Entries = session.Engine.Segments.Records,
            OldestEntry = session.Engine.Segments.Oldest,
        });
        return status;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }

        queue.Close();
        if (!writer.Join(options.ShutdownTimeout))
        {
            queue.Discard(KeyPrefixes.All);
        }

        keeper.Dispose();
        writer.Join(options.ShutdownTimeout);
    }

    private StoreRejection TryReserve(PendingEntry entry) =>
        entry.Key.Length is 0 or > EntryLimits.MaximumKeySize || resources.Oversized.Contain(entry.Key) ? StoreRejection.TooLarge
            : keeper.Current is null ? StoreRejection.NotWorking
            : queue.TryReserve(entry) ? StoreRejection.None
            : StoreRejection.Busy;

    private void Drop(PendingEntry entry)
    {
        counters.CountDroppedWrite();
        entry.Dispose();
    }

    private IReadOnlyList<EntryInfo> LiveEntries(StoreSession session, KeyPrefixes keys)
    {
        var entries = new Dictionary<string, EntryInfo>(StringComparer.Ordinal);
        var expiration = (long)options.Expiration.TotalMilliseconds;
        var now = keeper.Now();
        session.Scan((_, key, record) =>
        {
            if (keys.Match(key) && RecordCodec.TryReadHeader(record, key.Length, out var header) && !EntryAge.IsOver(header.CreatedAt, now, expiration))
            {
                // In the order of the log the last one of a key is the valid one.
                entries[Convert.ToHexString(key)] = new EntryInfo(key.ToArray(), header.CreatedAt, header.PayloadSize);
            }
        });
        return [.. entries.Values];
    }

    private void Use(Action<StoreSession> action)
    {
        if (keeper.Current is not { } session || !session.TryEnter())
        {
            return;
        }

        try
        {
            action(session);
        }
        catch (Exception e)
        {
            session.Fail(e);
        }
        finally
        {
            session.Leave();
        }
    }
}

/// <summary>Since the store was created, whatever became of its logs. Thread-safe.</summary>
internal sealed class StoreCounters
{
    private long writes;
    private long droppedWrites;
    private long damagedReads;
    private long evictions;
    private long expiries;

    public long Writes => Interlocked.Read(ref writes);

    public long DroppedWrites => Interlocked.Read(ref droppedWrites);

    public long DamagedReads => Interlocked.Read(ref damagedReads);

    public long Evictions => Interlocked.Read(ref evictions);

    public long Expiries => Interlocked.Read(ref expiries);

    public void CountWrite() => Interlocked.Increment(ref writes);

    public void CountDroppedWrite() => Interlocked.Increment(ref droppedWrites);

    public void CountDamagedRead() => Interlocked.Increment(ref damagedReads);

    public void CountEvictions(long count) => Interlocked.Add(ref evictions, count);

    public void CountExpiries(long count) => Interlocked.Add(ref expiries, count);
}

/// <summary>What outlives a log that is given up and opened again.</summary>
internal sealed record LogResources(
    AccessTable Accesses, MemoryBudget Budget, RemovalLog Removals, OversizedKeys Oversized, long IndexBuckets)
{
    private const long SmallestIndex = 1024;
    private const long LargestIndex = 1L << 22;

    public static LogResources Create(StoreOptions options)
    {
        // A bucket of 64 bytes finds seven entries: one per 16 KiB of the cap is 4 MiB for 1 GiB.
        var buckets = BitOperations.RoundUpToPowerOf2((ulong)Math.Clamp(options.MaximumBytes / (16 * 1024), SmallestIndex, LargestIndex));
        return new LogResources(
            new AccessTable(options.MaximumBytes), new MemoryBudget(options.LargeReadBytes), new RemovalLog(), new OversizedKeys(StoreOpener.NewIdentity()), (long)buckets);
    }
}
