using FASTER.core;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>The log: a thin layer over FasterKV that knows what must never be done with it. Everything that appends (<see cref="Append"/>,
/// <see cref="DropHead"/>, <see cref="FillSegment"/>) must be serialized by the caller; reads come from any number of threads.</summary>
/// <remarks>Nobody may be inside when it is disposed of. Members may throw whatever FASTER throws: the caller gives the log up then.</remarks>
internal sealed unsafe class LogEngine : IDisposable
{
    private readonly LogGeometry geometry;
    private readonly LogResources resources;
    private readonly StoreFiles files;
    private readonly GuardedSegments segments;
    private readonly CheckpointKeeper keeper = new();
    private readonly FasterKV<SpanByte, SpanByte> log;
    private readonly EntryFunctions functions;
    private readonly PageInspector inspector;
    private readonly LogReader reader;
    private readonly ClientSession<SpanByte, SpanByte, Empty, ReadOutput, Empty, EntryFunctions> writer;
    private readonly RecordLocations locations;
    private long missingSegments;
    private int erasures;

    public LogEngine(IDisk disk, StoreFiles files, LogGeometry geometry, LogResources resources, ulong storeId)
    {
        this.geometry = geometry;
        this.resources = resources;
        this.files = files;
        StoreId = storeId;
        Segments = new SegmentTable(geometry.SegmentBits);
        segments = new GuardedSegments(disk, files, geometry, storeId);
        inspector = new PageInspector(geometry, Segments, resources.Accesses, storeId);
        Device = new GuardedDevice(segments, inspector);
        try
        {
            functions = new EntryFunctions(resources.Budget, Segments);
            var settings = new LogSettings
            {
                LogDevice = Device,
                ObjectLogDevice = new NullDevice(),
                PageSizeBits = geometry.PageBits,
                SegmentSizeBits = geometry.SegmentBits,
                MemorySizeBits = geometry.MemoryBits,
                MutableFraction = 0.5, // nothing is updated in place: the sooner a page is written the better
                ReadCopyOptions = ReadCopyOptions.None,
            };
            log = new FasterKV<SpanByte, SpanByte>(
                resources.IndexBuckets,
                settings,
                new CheckpointSettings { CheckpointManager = keeper },
                comparer: new KeyComparer(storeId));
            locations = new RecordLocations(4 * resources.IndexBuckets);
            reader = new LogReader(log, Device, functions, resources, locations);
            writer = log.For(functions).NewSession<EntryFunctions>(functions);
        }
        catch
        {
            Device.Dispose(); // its threads
            log?.Dispose();
            throw;
        }
    }

    /// <summary>Chosen when the store began. It seeds the hash of keys, and so must not change while the log lives.</summary>
    public ulong StoreId { get; }

    public GuardedDevice Device { get; }

    public SegmentTable Segments { get; }

    public long TailAddress => log.Log.TailAddress;

    public long BeginAddress => log.Log.BeginAddress;

    public long MemoryBytes => log.Log.MemorySizeBytes;

    public long DamagedBlocks => segments.DamagedBlocks + inspector.RejectedPages + missingSegments;

    public long BytesOfEntries => DiskUseAt(TailAddress) - LogGeometry.FixedBytes;

    public long DiskUseAt(long tail) => geometry.DiskUse(Device.FirstSegment, tail);

    public ulong HashOf(ReadOnlySpan<byte> key) => KeyHash.Compute(key, StoreId);

    public long Recover(CheckpointData checkpoint)
    {
        keeper.Offer(checkpoint.Token, checkpoint.Description);
        inspector.Begin(TailOf(checkpoint.Description));
        log.Recover(default, checkpoint.Token, undoNextVersion: false);
        inspector.End();
        log.DisposeRecoverableSessions();

        // Segments may have been evicted after the checkpoint; the log begins with the first that exists.
        var tail = TailAddress;
        var first = BeginAddress >> geometry.SegmentBits;
        while (first < tail >> geometry.SegmentBits && !files.IsComplete(first))
        {
            first++;
        }

        // One that is missing further on was not evicted.
        for (var segment = first; files.IsComplete(first) && segment << geometry.SegmentBits < tail; segment++)
        {
            missingSegments += files.IsComplete(segment) ? 0 : 1;
        }

        if (first << geometry.SegmentBits > BeginAddress)
        {
            log.Log.ShiftBeginAddress(first << geometry.SegmentBits);
        }

        foreach (var segment in files.ListSegments())
        {
            if (segment < first)
            {
                segments.Delete(segment);
            }
        }

        Device.SetFirstSegment(first);
        Segments.ForgetBelow(first);
        segments.CutAt(tail);
        if (!files.IsComplete(tail >> geometry.SegmentBits) && (tail & (geometry.SegmentSize - 1)) != 0)
        {
            // The segment that would be continued was dropped after the checkpoint: a file with a hole would void what comes next.
            var whole = first == tail >> geometry.SegmentBits;
            FillSegment();
            if (whole)
            {
                log.Log.ShiftBeginAddress(TailAddress);
                Device.SetFirstSegment(TailAddress >> geometry.SegmentBits);
            }
        }

        return inspector.Records;
    }

    public ReadOutcome TryRead(ReadOnlySpan<byte> key, ulong hash, long taken, TimeSpan timeout, out StoredEntry entry) =>
        reader.TryRead(key, hash, taken, timeout, out entry);

    /// <summary>Makes the next lookup of a key ask the log, in case there is a newer record.</summary>
    public void ForgetPlace(ulong hash) => locations.Forget(hash);

    public void Append(ReadOnlySpan<byte> key, ReadOnlySpan<byte> record)
    {
        fixed (byte* keyStart = key, recordStart = record)
        {
            var logKey = SpanByte.FromPointer(keyStart, key.Length);
            var logValue = SpanByte.FromPointer(recordStart, record.Length);
            writer.Upsert(ref logKey, ref logValue);
        }

        ForgetPlace(HashOf(key));
    }

    /// <summary>Deletes the first segment, after copying to the tail what the policy keeps (null: nothing). False where the log has no whole segment
    /// but the one that is being written.</summary>
    public bool DropHead(SecondChance? policy)
    {
        var end = ((BeginAddress >> geometry.SegmentBits) + 1) << geometry.SegmentBits;
        if (end > TailAddress)
        {
            return false;
        }

        log.Log.ShiftReadOnlyAddress(end, wait: true);
        if (policy is not null)
        {
            log.Log.Compact<Empty, ReadOutput, Empty, EntryFunctions, KeepFilter>(functions, new KeepFilter(policy), end, CompactionType.Lookup);
        }

        log.Log.ShiftBeginAddress(end, snapToPageStart: true);
        Device.TruncateUntilAddress(end);
        Segments.ForgetBelow(end >> geometry.SegmentBits);
        return true;
    }

    /// <summary>Odd while records are erased, another number after that: what a lookup meanwhile finds damaged is not.</summary>
    public int Erasures => Volatile.Read(ref erasures);

    public bool IsInLastPage(long address) => address >= (TailAddress & ~(geometry.PageSize - 1));

    /// <summary>Overwrites values in place, in the order of their addresses, none of them in the page that is being written. The rest of each record
    /// stays, so that the hash chains hold. Memory gives up its copies first. False where some of it could not be read, and is as it was.</summary>
    public bool Erase(List<(long Address, int Size)> values)
    {
        values.RemoveAll(value => value.Address < BeginAddress);
        if (values.Count == 0)
        {
            return true;
        }

        var lastPage = values[^1].Address & ~(geometry.PageSize - 1);
        log.Log.ShiftHeadAddress(lastPage + geometry.PageSize, wait: true);
        Interlocked.Increment(ref erasures);
        try
        {
            return segments.Erase(values);
        }
        finally
        {
            Interlocked.Increment(ref erasures);
        }
    }

    /// <summary>Appends empty records until a new segment begins, so that all that was written before can be dropped.</summary>
    public void FillSegment()
    {
        while ((TailAddress & (geometry.SegmentSize - 1)) != 0)
        {
            var rest = geometry.PageSize - (TailAddress & (geometry.PageSize - 1));
            var size = (int)Math.Max(rest - LogGeometry.RecordSize(0, 0), 0);

            // A record of nothing takes 24 bytes, 4 of which hold the first bytes of its value.
            using var filler = new SharedBuffer(size + 4);
            filler.Span.Clear();
            Append([], filler.Span);
        }
    }

    /// <summary>Makes the segment at an address (0: the first) immutable, shows its records to a visitor, oldest first, and moves on. False at the
    /// end.</summary>
    public bool Scan(ref long next, RecordVisitor visit)
    {
        var begin = Math.Max(next, BeginAddress);
        var end = Math.Min(TailAddress, ((begin >> geometry.SegmentBits) + 1) << geometry.SegmentBits);
        next = end;
        if (begin >= end)
        {
            return false;
        }

        log.Log.ShiftReadOnlyAddress(end, wait: true);
        using var records = log.Log.Scan(begin, end, ScanBufferingMode.SinglePageBuffering);
        while (records.GetNext(out var info))
        {
            ref var key = ref records.GetKey();
            if (!info.Tombstone && key.Length != 0)
            {
                visit(records.CurrentAddress, key.AsReadOnlySpan(), records.GetValue().AsReadOnlySpan());
            }
        }

        return end < TailAddress;
    }

    /// <summary>Null on a timeout, or where writing has failed.</summary>
    public CheckpointData? Checkpoint(TimeSpan timeout)
    {
        var task = log.TakeHybridLogCheckpointAsync(CheckpointType.FoldOver).AsTask();
#pragma warning disable VSTHRD002 // the maintenance thread has nothing else to do, and there is no context that could deadlock
        if (!task.Wait(timeout))
#pragma warning restore VSTHRD002
        {
            Device.Fail(new TimeoutException("The disk does not take what is written."));
            return null;
        }

        Device.Flush();
        return Device.Failure is null && keeper.TryGet(out var token, out var description)
            ? new CheckpointData(geometry.Fingerprint, StoreId, token, description)
            : null;
    }

    /// <summary>Cuts the disk off, so that every thread that waits for it goes on.</summary>
    public void Abandon()
    {
        Device.Fail(new OperationCanceledException());
        segments.Dispose();
    }

    public void Dispose()
    {
        Device.Fail(new OperationCanceledException());
        try
        {
            reader.Dispose();
            writer.Dispose();
            log.Dispose();
        }
        finally
        {
            Device.Dispose();
            segments.Dispose();
        }
    }

    /// <summary>The tenth line of FASTER's description of a checkpoint.</summary>
    private static long TailOf(byte[] description) =>
        long.Parse(System.Text.Encoding.UTF8.GetString(description).Split('\n')[9], System.Globalization.CultureInfo.InvariantCulture);
}

internal sealed class KeyComparer(ulong seed) : IFasterEqualityComparer<SpanByte>
{
    public long GetHashCode64(ref SpanByte k) => (long)KeyHash.Compute(k.AsReadOnlySpan(), seed);

    public bool Equals(ref SpanByte k1, ref SpanByte k2) => k1.AsReadOnlySpan().SequenceEqual(k2.AsReadOnlySpan());
}

internal readonly struct KeepFilter(SecondChance policy) : ICompactionFunctions<SpanByte, SpanByte>
{
    public bool IsDeleted(ref SpanByte key, ref SpanByte value) => !policy.ShouldKeep(key.AsReadOnlySpan(), value.AsReadOnlySpan());
}

/// <summary>Sees a record (header and payload); the spans are valid during the call only.</summary>
internal delegate void RecordVisitor(long address, ReadOnlySpan<byte> key, ReadOnlySpan<byte> record);

/// <summary>How many records each segment has and how old they are (Unix milliseconds). It tells when something has expired, and feeds the status.
/// Thread-safe.</summary>
internal sealed class SegmentTable(int segmentBits)
{
    private readonly Lock gate = new();
    private readonly SortedDictionary<long, SegmentFacts> segments = [];

    /// <summary>Records in all segments. Those that were superseded are included where the newer one came long after, or before this start.</summary>
    public long Records
    {
        get
        {
            lock (gate)
            {
                return segments.Values.Sum(static facts => facts.Records);
            }
        }
    }

    /// <summary>Records in the segments in which something was created after a time.</summary>
    public long RecordsSince(long time)
    {
        lock (gate)
        {
            return segments.Values.Where(facts => facts.Newest > time).Sum(static facts => facts.Records);
        }
    }

    public long Oldest
    {
        get
        {
            lock (gate)
            {
                return segments.Count == 0 ? 0 : segments.Values.Min(static facts => facts.Oldest);
            }
        }
    }

    public void NoteRecord(long address, ReadOnlySpan<byte> record, int keySize)
    {
        if (keySize != 0 && RecordCodec.TryReadHeader(record, keySize, out var header))
        {
            Note(address >> segmentBits, 1, header.CreatedAt, header.CreatedAt);
        }
    }

    public void Note(long segment, long records, long oldest, long newest)
    {
        lock (gate)
        {
            segments[segment] = segments.TryGetValue(segment, out var facts)
                ? new SegmentFacts(facts.Records + records, Math.Min(facts.Oldest, oldest), Math.Max(facts.Newest, newest))
                : new SegmentFacts(records, oldest, newest);
        }
    }

    public void ForgetRecord(long address, ReadOnlySpan<byte> record, int keySize)
    {
        lock (gate)
        {
            if (keySize != 0 && RecordCodec.TryReadHeader(record, keySize, out _) && segments.TryGetValue(address >> segmentBits, out var facts))
            {
                segments[address >> segmentBits] = facts with { Records = Math.Max(facts.Records - 1, 0) };
            }
        }
    }

    public void ForgetBelow(long segment)
    {
        lock (gate)
        {
            while (segments.Count != 0)
            {
                using var keys = segments.Keys.GetEnumerator();
                keys.MoveNext();
                if (keys.Current >= segment)
                {
                    return;
                }

                segments.Remove(keys.Current);
            }
        }
    }

    public long RecordsIn(long segment)
    {
        lock (gate)
        {
            return segments.TryGetValue(segment, out var facts) ? facts.Records : 0;
        }
    }

    public bool IsOlderThan(long segment, long time)
    {
        lock (gate)
        {
            return !segments.TryGetValue(segment, out var facts) || facts.Newest < time;
        }
    }
}

internal readonly record struct SegmentFacts(long Records, long Oldest, long Newest);
