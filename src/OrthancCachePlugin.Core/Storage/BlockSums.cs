using System.Buffers.Binary;

namespace OrthancCachePlugin.Core.Storage;

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
    /// <summary>Bytes of a slot.</summary>
    public const int SlotSize = 8;

    /// <summary>Notes in a slot that its block will be written.</summary>
    public void Note(long segment, long offset, ReadOnlySpan<byte> block, Span<byte> slot)
    {
        slot[4..].CopyTo(slot);
        BinaryPrimitives.WriteUInt32LittleEndian(slot[4..], Sum(segment, offset, block));
    }

    /// <summary>Compares a block with its slot.</summary>
    public BlockState Check(long segment, long offset, ReadOnlySpan<byte> block, ReadOnlySpan<byte> slot)
    {
        var sum = Sum(segment, offset, block);
        return sum == BinaryPrimitives.ReadUInt32LittleEndian(slot[4..]) ? BlockState.Current
            : sum == BinaryPrimitives.ReadUInt32LittleEndian(slot) ? BlockState.Earlier
            : BlockState.Damaged;
    }

    /// <summary>The checksum of a block of a store.</summary>
    internal static uint Sum(ulong storeId, long address, ReadOnlySpan<byte> block)
    {
        // Any odd number spreads the addresses, which are multiples of a block, over all bits of the seed.
        var sum = (uint)Checksum.Append(storeId ^ ((ulong)address * 0x9E37_79B9_7F4A_7C15), block);
        return sum == 0 ? 1 : sum;
    }

    private uint Sum(long segment, long offset, ReadOnlySpan<byte> block) =>
        Sum(storeId, (segment << geometry.SegmentBits) + offset, block);
}
