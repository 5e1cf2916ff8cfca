using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class PageCacheTests : IDisposable
{
    private const int Block = LogGeometry.BlockSize;

    private readonly TemporaryDirectory directory = new();
    private readonly FaultyDisk disk = new() { HasPageCache = true };
    private readonly GuardedSegments segments;

    public PageCacheTests() => segments = new GuardedSegments(disk, new StoreFiles(directory.Path), new LogGeometry(16, 16, 18), 7);

    public void Dispose()
    {
        segments.Dispose();
        directory.Dispose();
    }

    [Fact]
    public void What_the_system_holds_of_a_file_is_what_was_written_or_nothing_where_it_cannot_tell()
    {
        using var file = LocalDisk.Instance.OpenOrCreate(Path.Combine(directory.Path, "file"));
        var bytes = Written(3 * Block);
        file.Write(bytes, 0);
        var read = new byte[Block];

        if (file.TryReadFromMemory(read, Block))
        {
            read.Should().Equal(bytes[Block..(2 * Block)]);
        }

        file.TryReadFromMemory(read, (2 * Block) + 1).Should().BeFalse("the file ends before");
    }

    [Fact]
    public void Blocks_in_memory_are_as_the_disk_would_give_them()
    {
        var bytes = Written(4 * Block);
        segments.Write(0, 0, bytes);
        var read = new byte[2 * Block];

        segments.TryReadFromMemory(0, Block, read).Should().BeTrue();

        read.Should().Equal(bytes[Block..(3 * Block)]);
        segments.TryReadFromMemory(1, 0, read).Should().BeFalse("there is no such segment");
        segments.TryReadFromMemory(0, 3 * Block, read).Should().BeFalse("half of it was never written");
    }

    [Fact]
    public void A_damaged_block_in_memory_is_left_to_who_reads_the_disk()
    {
        segments.Write(0, 0, Written(4 * Block));
        using (var file = disk.OpenOrCreate(new StoreFiles(directory.Path).Segment(0)))
        {
            file.Write([1, 2, 3], (2 * Block) + 5);
        }

        segments.TryReadFromMemory(0, 0, new byte[4 * Block]).Should().BeFalse();

        segments.DamagedBlocks.Should().Be(0, "who reads the disk counts it");
    }

    [Fact]
    public void Without_a_page_cache_nothing_is_in_memory()
    {
        segments.Write(0, 0, Written(Block));
        disk.HasPageCache = false;

        segments.TryReadFromMemory(0, 0, new byte[Block]).Should().BeFalse();
    }

    private static byte[] Written(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }
}
