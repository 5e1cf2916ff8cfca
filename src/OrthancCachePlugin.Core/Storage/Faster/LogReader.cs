using System.Collections.Concurrent;
using FASTER.core;

namespace OrthancCachePlugin.Core.Storage.Faster;

/// <summary>Looks keys up in the log, with sessions from a pool: a session is for one thread at a time, and a new one costs more than a read.</summary>
/// <remarks>Thread-safe; nobody may be inside when it is disposed of.</remarks>
internal sealed unsafe class LogReader(FasterKV<SpanByte, SpanByte> log, EntryFunctions functions, LogResources resources) : IDisposable
{
    private const int MaximumSlots = 256;

    private readonly ConcurrentQueue<ReadSlot> slots = new();

    /// <summary>Looks a key up and copies its payload out; verifies everything but the age.</summary>
    /// <param name="taken">Bytes of the budget taken for this read; passes to the lease, or back.</param>
    public ReadOutcome TryRead(ReadOnlySpan<byte> key, long taken, TimeSpan patience, out PooledLease? lease)
    {
        lease = null;
        var slot = slots.TryDequeue(out var idle) ? idle : CreateSlot();
        slot.Reset();
        slot.Taken = taken;
        var usable = false;
        try
        {
            usable = Look(slot, key, patience);
            if (slot.Buffer is { } buffer)
            {
                if (usable && RecordCodec.Verify(slot.Header, key, buffer.AsSpan(0, slot.Header.PayloadSize)))
                {
                    lease = resources.Leases.Take(buffer, slot.Header.PayloadSize, slot.Header.CreatedAt, slot.Taken);
                    slot.Taken = 0;
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

    /// <returns>False where the slot must not be used again.</returns>
    private static bool Look(ReadSlot slot, ReadOnlySpan<byte> key, TimeSpan patience)
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
                    var deadline = Deadline.After(patience);
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
        slot.Session = log.For(functions).NewSession<EntryFunctions>(functions);
        return slot;
    }
}
