using System.Runtime.InteropServices;
using FASTER.core;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>The log's disk. To the log nothing ever fails: what cannot be read is zero, what cannot be written is reported as written and noted in
/// <see cref="Failure"/>, whereupon the store gives the log up as a whole. So no thread of the log ever waits for a disk that is full. What the log
/// itself throws when it is told that something is done is noted there as well: its state cannot be trusted any more.</summary>
/// <remarks>One thread writes, four read. Reads that may have to wait for the disk are queued, because the log may ask for them on a thread that must
/// not wait, and so that a caller can stop waiting for a disk that hangs. A read that follows from another (the whole record behind its first block)
/// runs on the thread of the first, so that no more than four large ones are under way.</remarks>
internal sealed unsafe class GuardedDevice : StorageDeviceBase
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
    private long cutReads;
    private volatile Exception? failure;

    public GuardedDevice(GuardedSegments segments, PageInspector inspector)
        : base("segments", LogGeometry.BlockSize, Devices.CAPACITY_UNSPECIFIED)
    {
        this.segments = segments;
        this.inspector = inspector;
        reads = new WorkQueue<ReadRequest>("cache-read", Readers, Read, Fail);
        writes = new WorkQueue<WriteRequest>("cache-write", 1, Write, Fail);
    }

    public Exception? Failure => failure; // the first failure of a write, or of FASTER in a callback; null while there was none

    /// <summary>How often a read for nobody's lookup got less than it asked for, so that a scan does not show all that is on disk.</summary>
    public long CutReads => Interlocked.Read(ref cutReads);

    public long FirstSegment => Volatile.Read(ref startSegment);

    public static void SetCurrent(ReadSlot? slot) => current = slot;

    public void Fail(Exception cause) => failure ??= cause;

    public override void Initialize(long segmentSize, LightEpoch? epoch = null, bool omitSegmentIdFromFileName = false)
    {
        base.Initialize(segmentSize, epoch, omitSegmentIdFromFileName);
        segmentBits = System.Numerics.BitOperations.Log2((ulong)segmentSize);
    }

    public void SetFirstSegment(long segment) => Volatile.Write(ref startSegment, (int)segment);

    public override void WriteAsync(nint sourceAddress, int segmentId, ulong destinationAddress, uint numBytesToWrite, DeviceIOCompletionCallback callback, object context)
    {
        var request = new WriteRequest(sourceAddress, AddressOf(segmentId, destinationAddress), (int)numBytesToWrite, callback, context);
        if (!writes.TryAdd(request))
        {
            callback(0, numBytesToWrite, context);
        }
    }

    public override void ReadAsync(int segmentId, ulong sourceAddress, nint destinationAddress, uint readLength, DeviceIOCompletionCallback callback, object context)
    {
        var request = new ReadRequest(AddressOf(segmentId, sourceAddress), destinationAddress, (int)readLength, callback, context, current);
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

    public override void RemoveSegmentAsync(int segment, AsyncCallback callback, IAsyncResult result)
    {
        Guard(() => segments.Delete(segment));
        callback(result);
    }

    public void Flush() => Guard(segments.Flush);

    /// <summary>Reads a whole record from the page cache. Nothing of it is verified.</summary>
    public bool TryReadRecord(long address, Span<byte> destination) =>
        failure is null
        && address >> segmentBits >= FirstSegment
        && segments.TryReadUnchecked(address >> segmentBits, address & (SegmentSize - 1), destination);

    public override void Dispose()
    {
        reads.Dispose();
        writes.Dispose();
    }

    private long AddressOf(int segment, ulong offset) => ((long)segment << segmentBits) + (long)offset;

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
                var isCleared = inspector.Inspect(request.Address, destination, good);
                Interlocked.Add(ref cutReads, request.Slot is null && (isCleared || good < request.Length) ? 1 : 0);
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

    /// <summary>A small read that the page cache can answer needs no other thread.</summary>
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

/// <summary>A queue with its own threads: FASTER and the host may have used up those of the shared pool. What the handler throws goes to the owner of
/// the queue: an exception that left a thread would end the process.</summary>
internal sealed class WorkQueue<T> : IDisposable
{
    private const int StackSize = 512 * 1024;

    private readonly Queue<T> items = new();
    private readonly Action<T> handler;
    private readonly Action<Exception> failed;
    private bool closed;

    public WorkQueue(string name, int threads, Action<T> handler, Action<Exception> failed)
    {
        this.handler = handler;
        this.failed = failed;
        for (var i = 0; i < threads; i++)
        {
            new Thread(Run, StackSize) { IsBackground = true, Name = name }.Start();
        }
    }

    /// <summary>False once closed.</summary>
    public bool TryAdd(T item)
    {
        lock (items)
        {
            if (closed)
            {
                return false;
            }

            items.Enqueue(item);
            Monitor.Pulse(items);
            return true;
        }
    }

    public void Dispose()
    {
        lock (items)
        {
            closed = true;
            Monitor.PulseAll(items);
        }
    }

    private void Run()
    {
        while (true)
        {
            T item;
            lock (items)
            {
                while (items.Count == 0)
                {
                    if (closed)
                    {
                        return;
                    }

                    Monitor.Wait(items);
                }

                item = items.Dequeue();
            }

            try
            {
                handler(item);
            }
            catch (Exception e)
            {
                failed(e);
            }
        }
    }
}
