using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using FASTER.core;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Looks keys up. Values known to be large pass two gates first, so that a flood of them neither fills memory nor the queue of the disk; a
/// timeout is a miss. Thread-safe.</summary>
internal sealed class EntryReader(LogResources resources, StoreOptions options, StoreCounters counters, ILog log, TimeProvider clock) : IDisposable
{
    private const int LargeReads = 4;

    private static readonly TimeSpan LargeTimeout = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim largeReads = new(LargeReads);
    private readonly long expiration = (long)options.Expiration.TotalMilliseconds;

    public bool TryRead(StoreSession session, ReadOnlySpan<byte> key, out StoredEntry entry)
    {
        entry = default;
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
                return resources.Budget.TryTake(large, LargeTimeout) && TryRead(session, key, hash, large, out entry);
            }
            finally
            {
                largeReads.Release();
            }
        }

        return TryRead(session, key, hash, 0, out entry);
    }

    public void Dispose() => largeReads.Dispose();

    private bool TryRead(StoreSession session, ReadOnlySpan<byte> key, ulong hash, long taken, out StoredEntry entry)
    {
        var erasures = session.Engine.Erasures;
        var outcome = session.Engine.TryRead(key, hash, taken, options.ReadTimeout, out entry);
        switch (outcome)
        {
            case ReadOutcome.Failed:
                session.Fail(new TimeoutException("The disk does not answer."));
                break;
            case ReadOutcome.Damaged when erasures % 2 == 0 && erasures == session.Engine.Erasures:
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

        if (EntryAge.IsOver(entry.CreatedAt, clock.GetUtcNow().ToUnixTimeMilliseconds(), expiration))
        {
            entry.Dispose();
            entry = default;
            session.Engine.ForgetPlace(hash);
            return false;
        }

        resources.Accesses.Touch(hash);
        return true;
    }
}

/// <summary>Looks keys up in the log with pooled sessions: a session is for one thread at a time, and a new one costs more than a read. A small
/// record that was found on disk before is read there, if the system has it in memory. Thread-safe; nobody may be inside when it is disposed
/// of.</summary>
internal sealed unsafe class LogReader(
    FasterKV<SpanByte, SpanByte> log, GuardedDevice device, EntryFunctions functions, LogResources resources, RecordLocations locations) : IDisposable
{
    private const int MaximumSlots = 256;

    private readonly ConcurrentQueue<ReadSlot> slots = new();

    /// <summary>Copies the payload out and verifies all but its age. The bytes taken from the budget pass to the entry, or back.</summary>
    public ReadOutcome TryRead(ReadOnlySpan<byte> key, ulong hash, long taken, TimeSpan timeout, out StoredEntry entry)
    {
        if (taken == 0 && TryReadInPlace(key, hash, out entry))
        {
            return ReadOutcome.Hit;
        }

        entry = default;
        ReadSlot slot;
        try
        {
            slot = slots.TryDequeue(out var idle) ? idle : CreateSlot();
            slot.Reset();
        }
        catch
        {
            resources.Budget.Give(taken);
            throw;
        }

        slot.Taken = taken;
        var usable = false;
        try
        {
            usable = Look(slot, key, timeout);
            if (!usable)
            {
                return ReadOutcome.Failed;
            }

            if (slot.Buffer is not { } buffer)
            {
                return slot.Damaged ? ReadOutcome.Damaged : ReadOutcome.Miss;
            }

            if (!RecordCodec.Verify(slot.Header, key, buffer.Span))
            {
                return ReadOutcome.Damaged;
            }

            entry = new StoredEntry(buffer, .., slot.Header.CreatedAt);
            slot.Buffer = null;
            if (slot.Address < log.Log.HeadAddress)
            {
                locations.Note(hash, slot.Address, LogGeometry.RecordSize(key.Length, RecordCodec.HeaderSize + slot.Header.PayloadSize));
            }

            return ReadOutcome.Hit;
        }
        finally
        {
            slot.Buffer?.Dispose();
            resources.Budget.Give(slot.Taken);
            if (usable && slots.Count < MaximumSlots)
            {
                slots.Enqueue(slot);
            }
            else if (usable)
            {
                slot.Dispose();
            }
        }
    }

    public void Dispose()
    {
        while (slots.TryDequeue(out var slot))
        {
            slot.Dispose();
        }
    }

    /// <summary>False where it is not there, or not to be had without waiting.</summary>
    private bool TryReadInPlace(ReadOnlySpan<byte> key, ulong hash, out StoredEntry entry)
    {
        entry = default;
        if (!locations.TryFind(hash, out var address, out var size))
        {
            return false;
        }

        var buffer = new SharedBuffer(size);
        var isFound = false;
        try
        {
            if (!device.TryReadRecord(address, buffer.Span)
                || !LoggedRecord.TryRead(buffer.Span, key, out var header, out var payloadAt)
                || address < log.Log.BeginAddress)
            {
                return false;
            }

            entry = new StoredEntry(buffer, payloadAt..(payloadAt + header.PayloadSize), header.CreatedAt);
            return isFound = true;
        }
        finally
        {
            if (!isFound)
            {
                locations.Forget(hash);
                buffer.Dispose();
            }
        }
    }

    /// <summary>False where the slot must not be used again.</summary>
    private static bool Look(ReadSlot slot, ReadOnlySpan<byte> key, TimeSpan timeout)
    {
        GuardedDevice.SetCurrent(slot);
        try
        {
            fixed (byte* start = key)
            {
                var logKey = SpanByte.FromPointer(start, key.Length);
                var output = new ReadOutput { Slot = slot };
                var input = default(Empty);
                var status = slot.Session.Read(ref logKey, ref input, ref output);
                if (status.IsPending)
                {
                    var deadline = Deadline.After(timeout);
                    while (!slot.Session.CompletePending(wait: false))
                    {
                        if (deadline.IsOver || !slot.WaitForDisk(deadline.Rest))
                        {
                            return false;
                        }
                    }
                }
            }

            return true;
        }
        finally
        {
            GuardedDevice.SetCurrent(null);
        }
    }

    private ReadSlot CreateSlot()
    {
        var slot = new ReadSlot();
        try
        {
            slot.Session = log.For(functions).NewSession<EntryFunctions>(functions);
            return slot;
        }
        catch
        {
            slot.Dispose();
            throw;
        }
    }
}

internal enum ReadOutcome
{
    Miss,
    Hit,

    Damaged,

    /// <summary>The disk did not answer in time: the log cannot be trusted any more.</summary>
    Failed,
}

/// <summary>A session and what one read needs. Pooled, so that a read from memory allocates nothing.</summary>
internal sealed class ReadSlot : IDisposable
{
    private readonly SemaphoreSlim diskDone = new(0);

    public ClientSession<SpanByte, SpanByte, Empty, ReadOutput, Empty, EntryFunctions> Session { get; set; } = null!;

    public RecordHeader Header { get; set; } // not verified yet

    public SharedBuffer? Buffer { get; set; }

    public bool Damaged { get; set; }

    public long Address { get; set; }

    public long Taken { get; set; }

    public void SignalDiskDone() => diskDone.Release();

    public bool WaitForDisk(TimeSpan timeout) => diskDone.Wait(timeout);

    public void Reset()
    {
        Buffer = null;
        Damaged = false;
        Taken = 0;
        while (diskDone.CurrentCount != 0 && diskDone.Wait(0))
        {
        }
    }

    public void Dispose()
    {
        Session?.Dispose();
        diskDone.Dispose();
    }
}

/// <summary>A struct, so that calls are not shared generic code.</summary>
internal struct ReadOutput
{
    public ReadSlot? Slot;
}

/// <summary>What FASTER calls while it holds a record: copy out, copy in, nothing else. Never send from here: that stalls all writers.</summary>
internal sealed class EntryFunctions(MemoryBudget budget, SegmentTable segments)
    : FunctionsBase<SpanByte, SpanByte, Empty, ReadOutput, Empty>
{
    public override bool SingleReader(ref SpanByte key, ref Empty input, ref SpanByte value, ref ReadOutput dst, ref ReadInfo readInfo) =>
        CopyOut(ref key, ref value, dst.Slot, readInfo.Address);

    public override bool ConcurrentReader(ref SpanByte key, ref Empty input, ref SpanByte value, ref ReadOutput dst, ref ReadInfo readInfo) =>
        CopyOut(ref key, ref value, dst.Slot, readInfo.Address);

    public override bool SingleWriter(
        ref SpanByte key, ref Empty input, ref SpanByte src, ref SpanByte dst, ref ReadOutput output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
        src.CopyTo(ref dst);
        segments.NoteRecord(upsertInfo.Address, src.AsReadOnlySpan(), key.Length);
        return true;
    }

    /// <summary>False: FASTER then appends a new record.</summary>
    public override bool ConcurrentWriter(
        ref SpanByte key, ref Empty input, ref SpanByte src, ref SpanByte dst, ref ReadOutput output, ref UpsertInfo upsertInfo)
    {
        segments.ForgetRecord(upsertInfo.Address, dst.AsReadOnlySpan(), key.Length);
        return false;
    }

    private bool CopyOut(ref SpanByte key, ref SpanByte value, ReadSlot? slot, long address)
    {
        if (slot is null)
        {
            return true;
        }

        var record = value.AsReadOnlySpan();
        if (!RecordCodec.TryReadHeader(record, key.Length, out var header))
        {
            slot.Damaged = !RecordCodec.IsRemoved(record);
            return false;
        }

        slot.Buffer?.Dispose(); // the log found a newer record while it waited for the disk
        slot.Buffer = null;

        // A large value that nobody announced (two keys share a slot of the access table): only as long as there is room for it.
        if (header.PayloadSize > AccessTable.LargeThreshold && slot.Taken < header.PayloadSize)
        {
            if (!budget.TryTake(header.PayloadSize - slot.Taken, TimeSpan.Zero))
            {
                return false;
            }

            slot.Taken = header.PayloadSize;
        }

        var taken = slot.Taken;
        slot.Taken = 0;
        var buffer = new SharedBuffer(header.PayloadSize, budget, taken);
        record[RecordCodec.HeaderSize..].CopyTo(buffer.Span);
        slot.Buffer = buffer;
        slot.Header = header;
        slot.Address = address;
        return true;
    }
}

/// <summary>Where small records were found on disk, by the hash of their keys, so that the next lookup reads the record itself and nothing else.
/// Without it, a lookup among 100,000 entries takes 14 instead of 5 microseconds of processor time: FASTER reads two blocks or more, and their
/// checksums. Only a hint: a record carries its key and a checksum of its own. Thread-safe without locks.</summary>
/// <remarks>One number per record: the upper 10 bits of the hash, 41 bits of the address and 13 of the size, both in units of 8 bytes; 0 is empty.
/// The lower bits of the hash choose one of the sets of 8, each a line of the processor's cache. Takes 2 MiB at most.</remarks>
internal sealed unsafe class RecordLocations
{
    private const int MaximumRecords = 256 * 1024;
    private const int Unit = 8;
    private const int SizeBits = 13;
    private const int AddressBits = 41;
    private const int TagShift = SizeBits + AddressBits;
    private const int Ways = 8;
    private const int CacheLine = Ways * sizeof(ulong);

    private readonly ulong[] places;
    private readonly int first;
    private readonly ulong mask;
    public RecordLocations(long count)
    {
        var records = (int)Math.Clamp(count, Ways, MaximumRecords);
        places = GC.AllocateArray<ulong>(records + Ways - 1, pinned: true);
        var start = (nuint)Unsafe.AsPointer(ref places[0]);
        first = (int)((CacheLine - (start % CacheLine)) % CacheLine / sizeof(ulong));
        mask = (ulong)(records / Ways) - 1;
    }
    public void Note(ulong hash, long address, long size)
    {
        if (size >= (Unit << SizeBits) || address >= ((long)Unit << AddressBits))
        {
            return;
        }

        var set = SetOf(hash);
        var place = (int)(((ulong)address / Unit) % Ways); // of the key that gives way where all are taken: as good as any
        for (var i = 0; i < Ways; i++)
        {
            var there = Volatile.Read(ref set[i]);
            if (there == 0 || IsOf(there, hash))
            {
                place = i;
                break;
            }
        }

        Volatile.Write(ref set[place], TagOf(hash) | ((ulong)(address / Unit) << SizeBits) | (ulong)(size / Unit));
    }
    public bool TryFind(ulong hash, out long address, out int size)
    {
        foreach (ref var place in SetOf(hash))
        {
            var there = Volatile.Read(ref place);
            if (there != 0 && IsOf(there, hash))
            {
                address = (long)((there >> SizeBits) & ((1UL << AddressBits) - 1)) * Unit;
                size = (int)(there & ((1UL << SizeBits) - 1)) * Unit;
                return true;
            }
        }

        address = size = 0;
        return false;
    }
    public void Forget(ulong hash)
    {
        foreach (ref var place in SetOf(hash))
        {
            if (IsOf(Volatile.Read(ref place), hash))
            {
                Volatile.Write(ref place, 0);
            }
        }
    }

    private static ulong TagOf(ulong hash) => hash & ~((1UL << TagShift) - 1);

    private static bool IsOf(ulong there, ulong hash) => there >> TagShift == hash >> TagShift;

    private Span<ulong> SetOf(ulong hash) => places.AsSpan(first + ((int)(hash & mask) * Ways), Ways);
}
