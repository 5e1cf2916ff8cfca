using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class GuardedSegmentsTests : IDisposable
{
    private const int Block = LogGeometry.BlockSize;

    private readonly TemporaryDirectory directory = new();
    private readonly LogGeometry geometry = new(16, 16, 18);
    private readonly StoreFiles files;
    private readonly FaultyDisk disk = new();
    private GuardedSegments segments;

    public GuardedSegmentsTests()
    {
        files = new StoreFiles(directory.Path);
        segments = new GuardedSegments(disk, files, geometry, 7);
    }

    public void Dispose()
    {
        segments.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void What_was_written_is_read()
    {
        var bytes = Write(0, 0, 16);
        Read(0, 0, 16).Should().Equal(bytes);
        Read(0, 3 * Block, 2).Should().Equal(bytes[(3 * Block)..(5 * Block)]);
        segments.DamagedBlocks.Should().Be(0);
    }

    [Fact]
    public void From_the_first_damaged_block_on_a_read_is_zero()
    {
        var bytes = Write(0, 0, 16);
        Edit(files.Segment(0), file => file[(5 * Block) + 100] ^= 1);

        Read(0, 0, 16).Should().Equal([.. bytes[..(5 * Block)], .. new byte[11 * Block]]);
        Read(0, 6 * Block, 2).Should().Equal(bytes[(6 * Block)..(8 * Block)], "a read that does not touch the block is not concerned");
        segments.DamagedBlocks.Should().Be(1);
    }

    [Fact]
    public void A_block_in_another_place_is_damage()
    {
        Write(0, 0, 2);
        Edit(files.Segment(0), file => file.AsSpan(0, Block).CopyTo(file.AsSpan(Block)));
        Edit(files.Sidecar(0), file => file.AsSpan(0, 8).CopyTo(file.AsSpan(8)));
        Read(0, Block, 1).Should().OnlyContain(value => value == 0);
    }

    [Fact]
    public void A_block_of_another_store_is_damage()
    {
        Write(0, 0, 2);
        segments.Dispose();
        segments = new GuardedSegments(disk, files, geometry, storeId: 8);
        Read(0, 0, 2).Should().OnlyContain(value => value == 0);
    }

    [Fact]
    public void After_a_kill_between_checksum_and_block_the_older_block_counts_and_what_follows_is_void()
    {
        var old = Write(0, 0, 3);
        disk.FailDataWrites = true;
        var write = () => Write(0, 0, 2);
        write.Should().Throw<IOException>();
        disk.FailDataWrites = false;
        Reopen();

        Read(0, 0, 3).Should().Equal([.. old[..Block], .. new byte[2 * Block]]);
    }

    [Fact]
    public void Cutting_removes_all_that_lies_behind_and_settles_the_last_block()
    {
        var old = Write(0, 0, 3);
        Write(1, 0, 16);
        disk.FailDataWrites = true;
        var write = () => Write(0, Block, 1);
        write.Should().Throw<IOException>();
        disk.FailDataWrites = false;
        Reopen();

        segments.CutAt(Block + 10);

        files.ListSegments().Should().Equal(0);
        new FileInfo(files.Segment(0)).Length.Should().Be(2 * Block);
        Read(0, 0, 2).Should().Equal(old[..(2 * Block)]);
        var next = Write(0, Block, 2);
        Read(0, 0, 3).Should().Equal([.. old[..Block], .. next]);
    }

    [Fact]
    public void What_cannot_be_read_is_zero()
    {
        Write(0, 0, 4);
        disk.FailReads = true;
        Read(0, 0, 4).Should().OnlyContain(value => value == 0);
        segments.DamagedBlocks.Should().BePositive();
    }

    [Fact]
    public void A_segment_that_does_not_exist_is_zero_and_is_not_made()
    {
        Read(9, 0, 1).Should().OnlyContain(value => value == 0);
        files.ListSegments().Should().BeEmpty();
        segments.DamagedBlocks.Should().Be(0);
    }

    [Fact]
    public void A_lost_sidecar_voids_its_segment()
    {
        Write(0, 0, 4);
        segments.Dispose();
        File.Delete(files.Sidecar(0));
        segments = new GuardedSegments(disk, files, geometry, 7);
        Read(0, 0, 4).Should().OnlyContain(value => value == 0);
    }

    private byte[] Write(long segment, int offset, int blocks)
    {
        var bytes = new byte[blocks * Block];
        new Random(offset + blocks).NextBytes(bytes);
        segments.Write(segment, offset, bytes);
        return bytes;
    }

    private byte[] Read(long segment, int offset, int blocks)
    {
        var bytes = new byte[blocks * Block];
        Array.Fill(bytes, (byte)0xEE);
        segments.Read(segment, offset, bytes);
        return bytes;
    }

    private void Reopen()
    {
        segments.Dispose();
        segments = new GuardedSegments(disk, files, geometry, 7);
    }

    private static void Edit(string path, Action<byte[]> change)
    {
        var bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }
}
