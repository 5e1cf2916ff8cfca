using System.Collections.Concurrent;
using FASTER.core;

namespace OrthancCachePlugin.Core.Storage.Faster;

/// <summary>
/// Looks keys up in the log, with sessions from a pool: a session is for one thread at a time, and a new one costs more than a read. What
/// was found on disk before, and was small, is read there without asking the log again, as long as the system has it in memory.
/// </summary>
/// <remarks>
/// The log would read two blocks or more, and their checksums, and allocate for each of its reads. Who looks a key up while it is written
/// again may find its older record; keys name a version, so both are right. Thread-safe; nobody may be inside when it is disposed of.
/// </remarks>
internal sealed unsafe class LogReader(
    FasterKV<SpanByte, SpanByte> log, GuardedDevice device, EntryFunctions functions, LogResources resources, RecordLocations locations) : IDisposable
{
    private const int MaximumSlots = 256;

    private readonly ConcurrentQueue<ReadSlot> slots = new();

    /// <summary>Looks a key up and copies its payload out; verifies everything but the age.</summary>
    /// <param name="hash">Of the key, in this store.</param>
    /// <param name="taken">Bytes of the budget taken for this read; passes to the lease, or back.</param>
    public ReadOutcome TryRead(ReadOnlySpan<byte> key, ulong hash, long taken, TimeSpan timeout, out EntryLease lease)
    {
        if (taken == 0 && TryReadInPlace(key, hash, out lease))
        {
            return ReadOutcome.Hit;
        }

        lease = default;
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
            if (slot.Buffer is { } buffer)
            {
                if (usable && RecordCodec.Verify(slot.Header, key, buffer.AsSpan(0, slot.Header.PayloadSize)))
                {
                    lease = resources.Leases.Take(buffer, 0..slot.Header.PayloadSize, slot.Header.CreatedAt, slot.Taken);
                    slot.Taken = 0;
                    if (slot.Address < log.Log.HeadAddress)
                    {
                        locations.Note(hash, slot.Address, LogGeometry.RecordSize(key.Length, RecordCodec.HeaderSize + slot.Header.PayloadSize));
                    }

                    return ReadOutcome.Hit;
                }

                resources.Buffers.Return(buffer);
                return ReadOutcome.Damaged;
            }

            return usable ? slot.Damaged ? ReadOutcome.Damaged : ReadOutcome.Miss : ReadOutcome.Failed;
        }
        finally
        {
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

    /// <inheritdoc/>
    public void Dispose()
    {
        while (slots.TryDequeue(out var slot))
        {
            slot.Dispose();
        }
    }

    /// <summary>Reads a record where it was found before; false where it is not there, or not to be had without waiting.</summary>
    private bool TryReadInPlace(ReadOnlySpan<byte> key, ulong hash, out EntryLease lease)
    {
        lease = default;
        if (!locations.TryFind(hash, out var address, out var size))
        {
            return false;
        }

        var buffer = resources.Buffers.Rent(size);
        var record = buffer.AsSpan(0, size);
        if (device.TryReadRecord(address, record)
            && LoggedRecord.TryRead(record, key, out var header, out var payloadAt)
            && address >= log.Log.BeginAddress)
        {
            lease = resources.Leases.Take(buffer, payloadAt..(payloadAt + header.PayloadSize), header.CreatedAt, 0);
            return true;
        }

        locations.Forget(hash);
        resources.Buffers.Return(buffer);
        return false;
    }

    /// <returns>False where the slot must not be used again.</returns>
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
