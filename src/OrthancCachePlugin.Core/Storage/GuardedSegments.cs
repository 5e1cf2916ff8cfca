using System.Buffers.Binary;
using System.Collections.Concurrent;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>The files of the log. Nothing that was not written by this store is ever read from them: each block of 4 KiB has a checksum in a file
/// beside its segment, and from the first block that does not match on, a read gives zeros, which the log takes for "no record".</summary>
/// <remarks>Slots (see <see cref="BlockSums"/>) are written before their blocks; a process killed in between leaves a block that matches the first
/// number of its slot. Thread-safe; writes must not overlap.</remarks>
internal sealed class GuardedSegments(IDisk disk, StoreFiles files, LogGeometry geometry, ulong storeId) : IDisposable
{
    public const uint Format = 1;

    public const int LargestFromMemory = 64 * 1024;

    private const int Block = LogGeometry.BlockSize;
    private const int SlotSize = BlockSums.SlotSize;
    private const int BlocksPerWrite = 256;

    private readonly ConcurrentDictionary<long, SegmentPair> open = new();
    private readonly Lock opening = new();
    private readonly BlockSums sums = new(geometry, storeId);
    private long damagedBlocks;
    private bool closed;

    public long DamagedBlocks => Interlocked.Read(ref damagedBlocks);

    /// <summary>Reads whole blocks and never throws: from the first one that cannot be read or does not match on, all is zero. Returns the bytes
    /// before that.</summary>
    public int Read(long segment, long offset, Span<byte> destination)
    {
        var good = 0;
        try
        {
            if (Find(segment) is { } pair)
            {
                good = ReadGuarded(pair, segment, offset, destination);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Interlocked.Increment(ref damagedBlocks);
            good = 0;
        }

        destination[good..].Clear();
        return good;
    }

    /// <summary>The same from the page cache; false where not all of it is there and matches.</summary>
    public bool TryReadFromMemory(long segment, long offset, Span<byte> destination)
    {
        Span<byte> slots = stackalloc byte[LargestFromMemory / Block * SlotSize];
        slots = slots[..(destination.Length / Block * SlotSize)];
        if (!open.TryGetValue(segment, out var pair)
            || !pair.Data.TryReadFromMemory(destination, offset)
            || !pair.Sidecar.TryReadFromMemory(slots, offset / Block * SlotSize))
        {
            return false;
        }

        for (var done = 0; done < destination.Length; done += Block)
        {
            if (sums.Check(segment, offset + done, destination.Slice(done, Block), slots[(done / Block * SlotSize)..]) != BlockState.Current)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Reads from the page cache without looking at checksums: those must be in the bytes themselves.</summary>
    public bool TryReadUnchecked(long segment, long offset, Span<byte> destination) =>
        open.TryGetValue(segment, out var pair) && pair.Data.TryReadFromMemory(destination, offset);

    /// <summary>Writes blocks and their checksums; nobody may change the source meanwhile. Throws where the disk refuses.</summary>
    public void Write(long segment, long offset, ReadOnlySpan<byte> staging)
    {
        var pair = FindOrCreate(segment);
        Span<byte> slots = stackalloc byte[BlocksPerWrite * SlotSize];
        while (!staging.IsEmpty)
        {
            var count = Math.Min(staging.Length / Block, BlocksPerWrite);
            var part = staging[..(count * Block)];
            var slotOffset = offset / Block * SlotSize;
            var used = slots[..(count * SlotSize)];
            used[pair.Sidecar.Read(used, slotOffset)..].Clear();
            for (var i = 0; i < count; i++)
            {
                sums.Note(segment, offset + (i * Block), part.Slice(i * Block, Block), used.Slice(i * SlotSize, SlotSize));
            }

            pair.Sidecar.Write(used, slotOffset);
            pair.Data.Write(part, offset);
            pair.Dirty = true;
            staging = staging[part.Length..];
            offset += part.Length;
        }
    }

    /// <summary>Overwrites values in place, in the order of their addresses; no block of them may be written by anybody else any more. A process
    /// killed in between leaves a block that matches its earlier checksum: what follows it in its page is lost, nothing is wrong. False where some of
    /// it could not be read, and is as it was.</summary>
    public bool Erase(IReadOnlyList<(long Address, int Size)> values)
    {
        byte[] work = [];
        var isWhole = true;
        for (var i = 0; i < values.Count;)
        {
            // Neighbours share blocks, which are written once.
            var first = i;
            var start = values[i].Address / Block * Block;
            var end = start;
            do
            {
                end = Math.Max(end, (values[i].Address + values[i].Size + Block - 1) / Block * Block);
                i++;
            }
            while (i < values.Count && values[i].Address < end && end - start < geometry.PageSize);

            var size = (int)(end - start);
            work = work.Length < size ? GC.AllocateUninitializedArray<byte>(size) : work;
            var blocks = work.AsSpan(0, size);
            var (segment, offset) = (start >> geometry.SegmentBits, start & (geometry.SegmentSize - 1));
            if (Read(segment, offset, blocks) != size)
            {
                isWhole = false;
                continue;
            }

            for (; first < i; first++)
            {
                RecordCodec.Remove(blocks.Slice((int)(values[first].Address - start), values[first].Size));
            }

            Write(segment, offset, blocks);
        }

        return isWhole;
    }

    public void Delete(long segment)
    {
        if (open.TryRemove(segment, out var pair))
        {
            pair.Dispose();
        }

        disk.Delete(files.Segment(segment));
        disk.Delete(files.Sidecar(segment));
    }

    /// <summary>Cuts the log at the tail, so that nothing that a killed process wrote behind its last checkpoint shows through what is written
    /// next.</summary>
    public void CutAt(long tail)
    {
        var last = tail >> geometry.SegmentBits;
        var blocks = ((tail & (geometry.SegmentSize - 1)) + Block - 1) / Block;
        foreach (var segment in files.ListSegments())
        {
            if (segment > last || (segment == last && blocks == 0))
            {
                Delete(segment);
            }
        }

        if (blocks == 0 || Find(last) is not { } pair)
        {
            return;
        }

        pair.Data.SetLength(blocks * Block);
        pair.Sidecar.SetLength(blocks * SlotSize);
        SettleTail(pair, last, blocks - 1);
        pair.Flush();
    }

    /// <summary>Returns once the medium has everything that was written.</summary>
    public void Flush()
    {
        foreach (var pair in open.Values)
        {
            if (!pair.Dirty)
            {
                continue;
            }

            pair.Dirty = false;
            try
            {
                pair.Flush();
            }
            catch (ObjectDisposedException)
            {
            }
        }
    }

    public void Dispose()
    {
        lock (opening)
        {
            closed = true;
        }

        foreach (var segment in open.Keys)
        {
            if (open.TryRemove(segment, out var pair))
            {
                pair.Dispose();
            }
        }
    }

    private int ReadGuarded(SegmentPair pair, long segment, long offset, Span<byte> destination)
    {
        var available = pair.Data.Read(destination, offset) / Block * Block;
        if (available < destination.Length)
        {
            Interlocked.Increment(ref damagedBlocks); // nobody asks for more than was written
        }

        Span<byte> slots = stackalloc byte[BlocksPerWrite * SlotSize];
        for (var done = 0; done < available;)
        {
            var count = Math.Min((available - done) / Block, BlocksPerWrite);
            var used = slots[..(count * SlotSize)];
            used[pair.Sidecar.Read(used, (offset + done) / Block * SlotSize)..].Clear();
            for (var i = 0; i < count; i++, done += Block)
            {
                switch (sums.Check(segment, offset + done, destination.Slice(done, Block), used.Slice(i * SlotSize, SlotSize)))
                {
                    case BlockState.Earlier:
                        return done + Block;
                    case BlockState.Damaged:
                        Interlocked.Increment(ref damagedBlocks);
                        return done;
                }
            }
        }

        return available;
    }

    /// <summary>A tail block that matches its first checksum gets it as its second, so that the next write keeps the right one.</summary>
    private void SettleTail(SegmentPair pair, long segment, long block)
    {
        Span<byte> data = stackalloc byte[Block];
        Span<byte> slot = stackalloc byte[SlotSize];
        data[pair.Data.Read(data, block * Block)..].Clear();
        slot[pair.Sidecar.Read(slot, block * SlotSize)..].Clear();
        if (sums.Check(segment, block * Block, data, slot) == BlockState.Earlier)
        {
            slot[..4].CopyTo(slot[4..]);
            pair.Sidecar.Write(slot, block * SlotSize);
        }
    }

    private SegmentPair? Find(long segment)
    {
        if (open.TryGetValue(segment, out var pair))
        {
            return pair;
        }

        lock (opening)
        {
            if (closed || open.TryGetValue(segment, out pair))
            {
                return pair;
            }

            if (disk.OpenExisting(files.Segment(segment)) is not { } data)
            {
                return null;
            }

            if (disk.OpenExisting(files.Sidecar(segment)) is not { } sidecar)
            {
                data.Dispose();
                Interlocked.Increment(ref damagedBlocks);
                return null;
            }

            return open[segment] = new SegmentPair(data, sidecar);
        }
    }

    private SegmentPair FindOrCreate(long segment)
    {
        if (open.TryGetValue(segment, out var pair))
        {
            return pair;
        }

        lock (opening)
        {
            ObjectDisposedException.ThrowIf(closed, this);
            return open.TryGetValue(segment, out pair)
                ? pair
                : open[segment] = new SegmentPair(disk.OpenOrCreate(files.Segment(segment)), disk.OpenOrCreate(files.Sidecar(segment)));
        }
    }
}

internal sealed class SegmentPair(IDiskFile data, IDiskFile sidecar) : IDisposable
{
    private volatile bool dirty;

    public IDiskFile Data { get; } = data;

    public IDiskFile Sidecar { get; } = sidecar;

    public bool Dirty
    {
        get => dirty;
        set => dirty = value;
    }

    public void Flush()
    {
        Data.Flush();
        Sidecar.Flush();
    }

    public void Dispose()
    {
        Data.Dispose();
        Sidecar.Dispose();
    }
}

internal enum BlockState
{
    Current,

    /// <summary>As it was before the last write, which a killed process did not finish: what follows it is void.</summary>
    Earlier,

    Damaged,
}

/// <summary>The checksums of the log's blocks, as they stand in a sidecar: one slot per block, little endian.</summary>
/// <remarks>
/// <code>
/// offset  size
///      0     4  checksum of the block as it was before the last write, 0 for never written
///      4     4  checksum of the block as last written
/// </code>
/// A checksum starts from the store's identity and the block's address, so that a block that was moved, or that belongs to a store
/// that was wiped, does not match. A checksum that comes out as 0 is stored as 1. Thread-safe.
/// </remarks>
internal sealed class BlockSums(LogGeometry geometry, ulong storeId)
{
    public const int SlotSize = 8;

    public void Note(long segment, long offset, ReadOnlySpan<byte> block, Span<byte> slot)
    {
        slot[4..].CopyTo(slot);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[4..], Sum(segment, offset, block));
    }

    public BlockState Check(long segment, long offset, ReadOnlySpan<byte> block, ReadOnlySpan<byte> slot)
    {
        var sum = Sum(segment, offset, block);
        return sum == BinaryPrimitives.ReadUInt32LittleEndian(slot[4..]) ? BlockState.Current
            : sum == BinaryPrimitives.ReadUInt32LittleEndian(slot) ? BlockState.Earlier
            : BlockState.Damaged;
    }

    internal static uint Sum(ulong storeId, long address, ReadOnlySpan<byte> block)
    {
        // Any odd number spreads the addresses, which are multiples of a block, over all bits of the seed.
        var sum = (uint)Checksum.Append(storeId ^ ((ulong)address * 0x9E37_79B9_7F4A_7C15), block);
        return sum == 0 ? 1 : sum;
    }

    private uint Sum(long segment, long offset, ReadOnlySpan<byte> block) =>
        Sum(storeId, (segment << geometry.SegmentBits) + offset, block);
}
