using System.Runtime.InteropServices;
using FASTER.core;

namespace OrthancCachePlugin.Core.Storage.Faster;

/// <summary>
/// The log's disk. To the log nothing ever fails: what cannot be read is zero, what cannot be written is reported as written and noted
/// in <see cref="Failure"/>, whereupon the store gives the log up as a whole. So no thread of the log ever waits for a disk that is full.
/// What the log itself throws when it is told that something is done is noted there as well: its state cannot be trusted any more.
/// </summary>
/// <remarks>
/// One thread writes, four read. Reads that may have to wait for the disk are queued, because the log may ask for them on a thread that
/// must not wait, and so that a caller can stop waiting for a disk that hangs. A read that follows from another (the whole record behind its first block) runs on
/// the thread of the first, so that no more than four large ones are under way.
/// </remarks>
internal sealed unsafe class GuardedDevice : IDevice
{
    private const int Readers = 4;
    private const int StagingSize = 1024 * 1024;

    [ThreadStatic]
    private static ReadSlot? current;

    [ThreadStatic]
    private static bool onReaderThread;

    private readonly GuardedSegments segments;
    private readonly PageInspector inspector;
    private readonly WorkQueue<ReadRequest> reads;
    private readonly WorkQueue<WriteRequest> writes;
    private readonly byte[] staging = new byte[StagingSize];
    private int segmentBits;
    private long firstSegment;
    private long endSegment = -1;
    private volatile Exception? failure;

    public GuardedDevice(GuardedSegments segments, PageInspector inspector)
    {
        this.segments = segments;
        this.inspector = inspector;
        reads = new WorkQueue<ReadRequest>("cache-read", Readers, Read, Fail);
        writes = new WorkQueue<WriteRequest>("cache-write", 1, Write, Fail);
    }

    /// <summary>The first thing that went wrong while writing, or in the log; null as long as nothing did.</summary>
    public Exception? Failure => failure;

    /// <summary>The first segment that may have files.</summary>
    public long FirstSegment => Interlocked.Read(ref firstSegment);

    /// <inheritdoc/>
    public uint SectorSize => LogGeometry.BlockSize;

    /// <inheritdoc/>
    public string FileName => "segments";

    /// <inheritdoc/>
    public long Capacity => Devices.CAPACITY_UNSPECIFIED;

    /// <inheritdoc/>
    public long SegmentSize => 1L << segmentBits;

    /// <inheritdoc/>
    public int StartSegment => (int)FirstSegment;

    /// <inheritdoc/>
    public int EndSegment => (int)Interlocked.Read(ref endSegment);

    /// <inheritdoc/>
    public int ThrottleLimit { get; set; } = int.MaxValue;

    /// <summary>Says for whom this thread asks the log, null for nobody.</summary>
    public static void SetCurrent(ReadSlot? slot) => current = slot;

    /// <summary>Notes a failure, a read that never came back for example.</summary>
    public void Fail(Exception cause) => failure ??= cause;

    /// <inheritdoc/>
    public void Initialize(long segmentSize, LightEpoch? tracker = null, bool omitSegmentIdFromFilename = false) =>
        segmentBits = System.Numerics.BitOperations.Log2((ulong)segmentSize);

    /// <summary>Sets where the log begins, after a recovery.</summary>
    public void SetFirstSegment(long segment) => Interlocked.Exchange(ref firstSegment, segment);

    /// <inheritdoc/>
    public bool TryComplete() => true;

    /// <inheritdoc/>
    public bool Throttle() => false;

    /// <inheritdoc/>
    public long GetFileSize(int segment) => SegmentSize;

    /// <inheritdoc/>
    public void Reset()
    {
    }

    /// <inheritdoc/>
    public void WriteAsync(nint alignedSourceAddress, ulong alignedDestinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context)
    {
        var request = new WriteRequest(alignedSourceAddress, (long)alignedDestinationAddress, (int)numBytesToWrite, callback, context);
        if (!writes.TryAdd(request))
        {
            callback(0, numBytesToWrite, context);
        }
    }

    /// <inheritdoc/>
    public void WriteAsync(nint sourceAddress, int segmentId, ulong destinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context) =>
        WriteAsync(sourceAddress, ((ulong)segmentId << segmentBits) + destinationAddress, numBytesToWrite, callback, context);

    /// <inheritdoc/>
    public void ReadAsync(ulong alignedSourceAddress, nint alignedDestinationAddress, uint aligned_read_length, DeviceIOCompletionCallback callback, object context)
    {
        var request = new ReadRequest((long)alignedSourceAddress, alignedDestinationAddress, (int)aligned_read_length, callback, context, current);
        if (onReaderThread)
        {
            Fill(request);
        }
        else if (TryFillFromMemory(request))
        {
            request.Callback(0, (uint)request.Length, request.Context);
            request.Slot!.SignalDiskDone();
        }
        else if (!reads.TryAdd(request))
        {
            new Span<byte>((void*)request.Destination, request.Length).Clear();
            request.Callback(0, (uint)request.Length, request.Context);
            request.Slot?.SignalDiskDone();
        }
    }

    /// <inheritdoc/>
    public void ReadAsync(int segmentId, ulong sourceAddress, nint destinationAddress, uint readLength, DeviceIOCompletionCallback callback, object context) =>
        ReadAsync(((ulong)segmentId << segmentBits) + sourceAddress, destinationAddress, readLength, callback, context);

    /// <inheritdoc/>
    public void TruncateUntilAddressAsync(long toAddress, AsyncCallback callback, IAsyncResult result)
    {
        TruncateUntilAddress(toAddress);
        callback(result);
    }

    /// <inheritdoc/>
    public void TruncateUntilAddress(long toAddress) => TruncateUntil(toAddress >> segmentBits);

    /// <inheritdoc/>
    public void TruncateUntilSegmentAsync(int toSegment, AsyncCallback callback, IAsyncResult result)
    {
        TruncateUntil(toSegment);
        callback(result);
    }

    /// <inheritdoc/>
    public void TruncateUntilSegment(int toSegment) => TruncateUntil(toSegment);

    /// <inheritdoc/>
    public void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result)
    {
        RemoveSegment(segment);
        callback(result);
    }

    /// <inheritdoc/>
    public void RemoveSegment(int segment) => Guard(() => segments.Delete(segment));

    /// <summary>Returns once the medium has everything that was written; notes a failure.</summary>
    public void Flush() => Guard(segments.Flush);

    /// <summary>Reads a whole record from what the system has in memory. Nothing of it is verified.</summary>
    public bool TryReadRecord(long address, Span<byte> destination) =>
        failure is null
        && address >> segmentBits >= FirstSegment
        && segments.TryReadUnchecked(address >> segmentBits, address & (SegmentSize - 1), destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        reads.Dispose();
        writes.Dispose();
    }

    private void TruncateUntil(long segment)
    {
        long first;
        while ((first = FirstSegment) < segment)
        {
            if (Interlocked.CompareExchange(ref firstSegment, segment, first) == first)
            {
                Guard(() => segments.DeleteBelow(first, segment));
                return;
            }
        }
    }

    private void Read(ReadRequest request)
    {
        onReaderThread = true;
        current = request.Slot;
        try
        {
            Fill(request);
        }
        finally
        {
            current = null;
            request.Slot?.SignalDiskDone();
        }
    }

    private void Fill(ReadRequest request)
    {
        var destination = new Span<byte>((void*)request.Destination, request.Length);
        var segment = request.Address >> segmentBits;
        var isFilled = false;
        try
        {
            if (failure is null && segment >= FirstSegment)
            {
                var good = segments.Read(segment, request.Address & (SegmentSize - 1), destination);
                inspector.Inspect(request.Address, destination, good);
                isFilled = true;
            }
        }
        catch (Exception e)
        {
            Fail(e);
        }

        if (!isFilled)
        {
            destination.Clear();
        }

        request.Callback(0, (uint)request.Length, request.Context);
    }

    /// <summary>A small part of the log that a lookup wants and the system has in memory need not go by way of another thread.</summary>
    private bool TryFillFromMemory(ReadRequest request)
    {
        var segment = request.Address >> segmentBits;
        return request.Slot is not null
            && request.Length <= GuardedSegments.LargestFromMemory
            && failure is null
            && segment >= FirstSegment
            && segments.TryReadFromMemory(segment, request.Address & (SegmentSize - 1), new Span<byte>((void*)request.Destination, request.Length));
    }

    private void Write(WriteRequest request)
    {
        var address = request.Address;
        var left = request.Length;
        var source = request.Source;
        try
        {
            while (left > 0 && failure is null && address >> segmentBits >= FirstSegment)
            {
                var count = (int)Math.Min(Math.Min(left, StagingSize), SegmentSize - (address & (SegmentSize - 1)));
                Marshal.Copy(source, staging, 0, count);
                segments.Write(address >> segmentBits, address & (SegmentSize - 1), staging.AsSpan(0, count));
                Interlocked.Exchange(ref endSegment, address >> segmentBits);
                address += count;
                source += count;
                left -= count;
            }
        }
        catch (Exception e)
        {
            Fail(e);
        }

        request.Callback(0, (uint)request.Length, request.Context);
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private readonly record struct ReadRequest(long Address, nint Destination, int Length, DeviceIOCompletionCallback Callback, object Context, ReadSlot? Slot);

    private readonly record struct WriteRequest(nint Source, long Address, int Length, DeviceIOCompletionCallback Callback, object Context);
}
