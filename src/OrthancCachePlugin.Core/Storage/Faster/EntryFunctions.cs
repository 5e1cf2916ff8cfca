using FASTER.core;

namespace OrthancCachePlugin.Core.Storage.Faster;

/// <summary>
/// What the log calls while it holds a record: copy out, copy in, nothing else. Records are never changed in place, so a reader needs
/// no lock.
/// </summary>
internal sealed class EntryFunctions(BufferPool pool, MemoryBudget budget, SegmentTable segments)
    : FunctionsBase<SpanByte, SpanByte, Empty, ReadOutput, Empty>
{
    /// <inheritdoc/>
    public override bool SingleReader(ref SpanByte key, ref Empty input, ref SpanByte value, ref ReadOutput dst, ref ReadInfo readInfo) =>
        CopyOut(ref key, ref value, dst.Slot, readInfo.Address);

    /// <inheritdoc/>
    public override bool ConcurrentReader(ref SpanByte key, ref Empty input, ref SpanByte value, ref ReadOutput dst, ref ReadInfo readInfo) =>
        CopyOut(ref key, ref value, dst.Slot, readInfo.Address);

    /// <inheritdoc/>
    public override bool SingleWriter(
        ref SpanByte key, ref Empty input, ref SpanByte src, ref SpanByte dst, ref ReadOutput output, ref UpsertInfo upsertInfo, WriteReason reason)
    {
        src.CopyTo(ref dst);
        segments.NoteRecord(upsertInfo.Address, src.AsReadOnlySpan(), key.Length);
        return true;
    }

    /// <inheritdoc/>
    /// <returns>False: the log then appends a new record.</returns>
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
            slot.Damaged = true;
            return false;
        }

        // A large value that nobody announced (two keys share a slot of the access table): only as long as there is room for it.
        if (header.PayloadSize > AccessTable.LargeThreshold && slot.Taken < header.PayloadSize)
        {
            if (!budget.TryTake(header.PayloadSize - slot.Taken, TimeSpan.Zero))
            {
                return false;
            }

            slot.Taken = header.PayloadSize;
        }

        if (slot.Buffer is { } earlier)
        {
            slot.Buffer = null;
            pool.Return(earlier); // the log found a newer record while it waited for the disk
        }

        var buffer = pool.Rent(header.PayloadSize);
        record[RecordCodec.HeaderSize..].CopyTo(buffer);
        slot.Header = header;
        slot.Address = address;
        slot.Buffer = buffer;
        return true;
    }
}
