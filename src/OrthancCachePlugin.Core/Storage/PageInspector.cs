using System.Buffers.Binary;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Walks the records of each page that a recovery reads, before the log does: the log trusts lengths, and one that is wrong makes it
/// read outside the page and takes the process down. From the first record that cannot be right, the page is cleared. On the way it
/// counts the records, so that the log need not be read twice.
/// </summary>
/// <remarks>
/// Checksums have passed when a page comes here, so a wrong length means that parts of different times met, which takes a disk that
/// lost some writes and kept others. Layout of a record: 8 bytes of flags and the address of the record before, then key and value, each
/// a 4-byte length and the bytes, padded to 8. Eight zero bytes are no record.
/// </remarks>
internal sealed class PageInspector(LogGeometry geometry, SegmentTable segments, AccessTable table, ulong seed)
{
    private const int FirstAddress = 64;
    private const ulong AddressMask = (1UL << 48) - 1;

    private long until;
    private long records;
    private long rejectedPages;

    /// <summary>Records found.</summary>
    public long Records => Interlocked.Read(ref records);

    /// <summary>Pages of which a part was cleared here.</summary>
    public long RejectedPages => Interlocked.Read(ref rejectedPages);

    /// <summary>Inspects from here on; only recovery reads meanwhile.</summary>
    /// <param name="tail">The end of the log: what lies behind is left over from a process that was killed.</param>
    public void Begin(long tail) => Interlocked.Exchange(ref until, tail);

    /// <summary>Inspects no more.</summary>
    public void End() => Interlocked.Exchange(ref until, 0);

    /// <summary>Inspects what was read at an address, if it is a page.</summary>
    /// <param name="good">Bytes of <paramref name="page"/> that were read and match their checksums.</param>
    public void Inspect(long address, Span<byte> page, int good)
    {
        var tail = Interlocked.Read(ref until);
        if (address >= tail || (address & (geometry.PageSize - 1)) != 0)
        {
            return;
        }

        good = (int)Math.Min(good, tail - address);

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
            if (before >= address + at || !TryMeasure(page, at, out var keySize, out var valueAt, out var valueSize, out var end))
            {
                page[at..].Clear();
                Interlocked.Increment(ref rejectedPages);
                break;
            }

            if (keySize != 0 && end <= good && RecordCodec.TryReadHeader(page.Slice(valueAt, valueSize), keySize, out var header))
            {
                count++;
                oldest = Math.Min(oldest, header.CreatedAt);
                newest = Math.Max(newest, header.CreatedAt);
                table.NoteSize(KeyHash.Compute(page.Slice(at + 12, keySize), seed), header.PayloadSize);
            }

            at = end;
        }

        if (count != 0)
        {
            Interlocked.Add(ref records, count);
            segments.Note(address >> geometry.SegmentBits, count, oldest, newest);
        }
    }

    private bool TryMeasure(ReadOnlySpan<byte> page, int at, out int keySize, out int valueAt, out int valueSize, out int end)
    {
        keySize = valueAt = valueSize = end = 0;
        if (at + 16 > page.Length)
        {
            return false;
        }

        keySize = BinaryPrimitives.ReadInt32LittleEndian(page[(at + 8)..]);
        if (keySize is < 0 or > EntryLimits.MaximumKeySize)
        {
            return false;
        }

        valueAt = at + 8 + Align8(4 + keySize) + 4;
        if (valueAt + 4 > page.Length)
        {
            return false;
        }

        valueSize = BinaryPrimitives.ReadInt32LittleEndian(page[(valueAt - 4)..]);
        if (valueSize < 0 || valueSize > geometry.PageSize - valueAt)
        {
            return false;
        }

        end = valueAt - 4 + Align8(4 + valueSize);
        return end <= page.Length;
    }

    private static int Align8(int size) => (size + 7) & ~7;
}
