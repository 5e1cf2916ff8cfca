using System.Buffers.Binary;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Walks the records of each page that is read, by a recovery or a scan, before the log does: the log trusts lengths, and one that is wrong
/// makes it read outside the page and takes the process down. From the first record that cannot be right, the page is cleared. In a recovery it counts
/// the records on the way, so that the log need not be read twice.</summary>
/// <remarks>Checksums have passed when a page comes here, so a wrong length means that parts of different times met, which takes a disk that lost
/// some writes and kept others. Eight zero bytes are no record.</remarks>
internal sealed class PageInspector(LogGeometry geometry, SegmentTable segments, AccessTable table, ulong seed)
{
    private const int FirstAddress = 64;
    private const ulong AddressMask = (1UL << 48) - 1;

    private long until;
    private long records;
    private long rejectedPages;

    public long Records => Interlocked.Read(ref records);

    public long RejectedPages => Interlocked.Read(ref rejectedPages);

    /// <summary>A recovery reads from here on, up to the tail: what lies behind was left by a killed process.</summary>
    public void Begin(long tail) => Interlocked.Exchange(ref until, tail);

    public void End() => Interlocked.Exchange(ref until, 0);

    /// <summary>Inspects what was read at an address, if it is a page, as far as its checksums match.</summary>
    /// <returns>Whether it was cleared from somewhere on.</returns>
    public bool Inspect(long address, Span<byte> page, int good)
    {
        // A lookup may read the first record of a page, or a part of it: it checks what it reads by itself.
        var tail = Interlocked.Read(ref until);
        var recovers = address < tail;
        if ((address & (geometry.PageSize - 1)) != 0 || !(recovers || page.Length >= geometry.PageSize))
        {
            return false;
        }

        good = recovers ? (int)Math.Min(good, tail - address) : good;
        var isCleared = false;
        long count = 0, oldest = long.MaxValue, newest = long.MinValue;
        var at = address == 0 ? FirstAddress : 0;
        while (at + 8 <= good)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(page[at..]) == 0)
            {
                at += 8;
                continue;
            }

            // A record points to an older one; anything else could send a lookup in circles.
            var before = (long)(BinaryPrimitives.ReadUInt64LittleEndian(page[at..]) & AddressMask);
            if (before >= address + at || !LoggedRecord.TryMeasure(page[at..], out var extent))
            {
                page[at..].Clear();
                isCleared = true;
                Interlocked.Add(ref rejectedPages, recovers ? 1 : 0);
                break;
            }

            if (!recovers)
            {
                at += extent.End;
                continue;
            }

            var record = page.Slice(at, extent.End);
            if (extent.KeySize != 0 && at + extent.End <= good
                && RecordCodec.TryReadHeader(record.Slice(extent.ValueAt, extent.ValueSize), extent.KeySize, out var header))
            {
                count++;
                oldest = Math.Min(oldest, header.CreatedAt);
                newest = Math.Max(newest, header.CreatedAt);
                table.NoteSize(KeyHash.Compute(record.Slice(RecordExtent.KeyAt, extent.KeySize), seed), header.PayloadSize);
            }

            at += extent.End;
        }

        if (count != 0)
        {
            Interlocked.Add(ref records, count);
            segments.Note(address >> geometry.SegmentBits, count, oldest, newest);
        }

        return isCleared;
    }
}
