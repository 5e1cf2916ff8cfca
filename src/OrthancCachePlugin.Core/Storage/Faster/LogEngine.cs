using FASTER.core;

namespace OrthancCachePlugin.Core.Storage.Faster;

/// <summary>
/// The log: a thin layer over FasterKV that knows what must never be done with it. Everything that appends (<see cref="Append"/>,
/// <see cref="DropHead"/>, <see cref="FillSegment"/>) must be serialized by the caller; reads come from any number of threads.
/// </summary>
/// <remarks>
/// Nobody may be inside when it is disposed of. Members may throw whatever FASTER throws: the caller gives the log up then.
/// </remarks>
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
            functions = new EntryFunctions(resources.Buffers, resources.Budget, Segments);
            var settings = new LogSettings
            {
                LogDevice = Device,
                ObjectLogDevice = new NullDevice(),
                PageSizeBits = geometry.PageBits,
                SegmentSizeBits = geometry.SegmentBits,
                MemorySizeBits = geometry.MemoryBits,
                MutableFraction = 0.5, // nothing is changed in place: the sooner a page is written the better
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

    /// <summary>
    /// Chosen when the store began. It seeds the hash of keys as well: entries whose hashes collide are linked in the log, so the hash
    /// must stay the same as long as the log does.
    /// </summary>
    public ulong StoreId { get; }

    public GuardedDevice Device { get; }

    public SegmentTable Segments { get; }

    public long TailAddress => log.Log.TailAddress;

    public long BeginAddress => log.Log.BeginAddress;

    public long MemoryBytes => log.Log.MemorySizeBytes;

    /// <summary>Places that could not be read: blocks, parts of pages, segments.</summary>
    public long DamagedBlocks => segments.DamagedBlocks + inspector.RejectedPages + missingSegments;

    /// <summary>Bytes on disk once the tail stands at an address.</summary>
    public long DiskUseAt(long tail) => geometry.DiskUse(Device.FirstSegment, tail);

    /// <summary>The hash of a key in this store.</summary>
    public ulong HashOf(ReadOnlySpan<byte> key) => KeyHash.Compute(key, StoreId);

    /// <summary>Rebuilds the index from the log as a checkpoint describes it.</summary>
    /// <returns>Records found.</returns>
    public long Recover(CheckpointData checkpoint)
    {
        keeper.Offer(checkpoint.Token, checkpoint.Description);
        inspector.Begin(TailOf(checkpoint.Description));
        log.Recover(default, checkpoint.Token, undoNextVersion: false);
        inspector.End();
        log.DisposeRecoverableSessions();

        // Segments that were evicted after the checkpoint are gone; the log begins with the first that is there.
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

    /// <inheritdoc cref="LogReader.TryRead"/>
    public ReadOutcome TryRead(ReadOnlySpan<byte> key, ulong hash, long taken, TimeSpan timeout, out EntryLease lease) =>
        reader.TryRead(key, hash, taken, timeout, out lease);

    /// <summary>Makes the next lookup of a key ask the log, in case there is a newer record than the one that was found before.</summary>
    public void ForgetPlace(ulong hash) => locations.Forget(hash);

    /// <summary>Appends a record.</summary>
    /// <param name="record">Header and payload.</param>
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

    /// <summary>
    /// Deletes the first segment, after copying to the tail what the policy keeps.
    /// </summary>
    /// <param name="policy">Null keeps nothing.</param>
    /// <returns>False where the log has no whole segment but the one that is being written.</returns>
    public bool DropHead(IKeepPolicy? policy)
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

    /// <summary>Appends nothing-records until a new segment begins, so that all that was written before can be dropped.</summary>
    public void FillSegment()
    {
        while ((TailAddress & (geometry.SegmentSize - 1)) != 0)
        {
            var rest = geometry.PageSize - (TailAddress & (geometry.PageSize - 1));
            var size = (int)Math.Max(rest - LogGeometry.RecordSize(0, 0), 0);
            var filler = resources.Buffers.Rent(size + 4);
            try
            {
                // A record of nothing takes 24 bytes, 4 of which hold the first bytes of its value.
                var value = filler.AsSpan(0, size == 0 ? 4 : size + 4);
                value.Clear();
                Append([], value);
            }
            finally
            {
                resources.Buffers.Return(filler);
            }
        }
    }

    /// <summary>Makes what is in one segment up to now immutable and shows it to a visitor, oldest first.</summary>
    /// <param name="next">Where to begin, 0 for the beginning of the log; where to go on then.</param>
    /// <param name="visit">The visitor.</param>
    /// <returns>Whether there is more.</returns>
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

    /// <summary>Takes a checkpoint, so that what was written is found again.</summary>
    /// <returns>Null where it did not end in time, or where writing has failed.</returns>
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

    /// <inheritdoc/>
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

    /// <summary>The end of the log in FASTER's description of a checkpoint: the tenth of its lines.</summary>
    private static long TailOf(byte[] description) =>
        long.Parse(System.Text.Encoding.UTF8.GetString(description).Split('\n')[9], System.Globalization.CultureInfo.InvariantCulture);
}
