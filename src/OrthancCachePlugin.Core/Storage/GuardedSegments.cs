using System.Collections.Concurrent;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// The files of the log. Nothing that was not written by this store is ever read from them: each block of 4 KiB has a checksum in a
/// file beside its segment, and from the first block that does not match on, a read gives zeros, which the log takes for "no record".
/// </summary>
/// <remarks>
/// Slots (see <see cref="BlockSums"/>) are written before their blocks; a process killed in between leaves a block that matches the first
/// number of its slot. Thread-safe; writes must not overlap.
/// </remarks>
internal sealed class GuardedSegments(IDisk disk, StoreFiles files, LogGeometry geometry, ulong storeId) : IDisposable
{
    /// <summary>Version of the sidecar's format.</summary>
    public const uint Format = 1;

    /// <summary>Bytes that <see cref="TryReadFromMemory"/> reads at most.</summary>
    public const int LargestFromMemory = 64 * 1024;

    private const int Block = LogGeometry.BlockSize;
    private const int SlotSize = BlockSums.SlotSize;
    private const int BlocksPerWrite = 256;

    private readonly ConcurrentDictionary<long, SegmentPair> open = new();
    private readonly Lock opening = new();
    private readonly BlockSums sums = new(geometry, storeId);
    private long damagedBlocks;
    private bool closed;

    /// <summary>Blocks that did not match so far.</summary>
    public long DamagedBlocks => Interlocked.Read(ref damagedBlocks);

    /// <summary>
    /// Reads blocks. Never throws: what cannot be read is zero, like what does not match.
    /// </summary>
    /// <param name="offset">Inside the segment, a multiple of the block.</param>
    /// <param name="destination">A multiple of the block long.</param>
    /// <returns>Bytes that were read and match, counted from the start; the rest of <paramref name="destination"/> is zero.</returns>
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

    /// <summary>The same from what the system holds in memory, without waiting for the disk.</summary>
    /// <param name="destination">A multiple of the block long, at most <see cref="LargestFromMemory"/>.</param>
    /// <returns>False where not all of it is there and matches: then only <see cref="Read"/> can tell what is.</returns>
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

    /// <summary>Reads any bytes from what the system holds in memory, without looking at checksums: those must be in the bytes themselves.</summary>
    public bool TryReadUnchecked(long segment, long offset, Span<byte> destination) =>
        open.TryGetValue(segment, out var pair) && pair.Data.TryReadFromMemory(destination, offset);

    /// <summary>Writes blocks and their checksums.</summary>
    /// <param name="staging">A copy of the blocks that nobody changes meanwhile.</param>
    /// <exception cref="IOException">The disk refused.</exception>
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

    /// <summary>Deletes the files of all open or listed segments below <paramref name="segment"/>.</summary>
    public void DeleteBelow(long first, long segment)
    {
        for (var i = first; i < segment; i++)
        {
            Delete(i);
        }
    }

    /// <summary>Deletes one segment's files.</summary>
    public void Delete(long segment)
    {
        if (open.TryRemove(segment, out var pair))
        {
            pair.Dispose();
        }

        disk.Delete(files.Segment(segment));
        disk.Delete(files.Sidecar(segment));
    }

    /// <summary>
    /// Cuts the log at <paramref name="tail"/>, so that nothing that a killed process wrote behind its last checkpoint can ever show
    /// through what is written there next.
    /// </summary>
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
                // deleted meanwhile: there is nothing left to save
            }
        }
    }

    /// <summary>Closes all files; from here on every read gives zeros and nothing is created any more.</summary>
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

    /// <summary>A tail block that matches its first number gets it as its second, so that the next write keeps the right one.</summary>
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
