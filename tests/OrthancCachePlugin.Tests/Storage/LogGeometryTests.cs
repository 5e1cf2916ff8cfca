using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class LogGeometryTests
{
    [Fact]
    public void The_defaults_keep_entries_of_8_MiB()
    {
        var geometry = LogGeometry.From(new StoreOptions { Directory = "/nowhere" });
        geometry.Should().Be(new LogGeometry(24, 24, 26));
        geometry.Fits(EntryLimits.MaximumKeySize, EntryLimits.MaximumValueSize + RecordCodec.HeaderSize).Should().BeTrue();
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(-5, 1)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(1 << 20, 1 << 30)]
    public void No_options_make_it_throw(long maximum, long memory)
    {
        var geometry = LogGeometry.From(new StoreOptions { Directory = "/nowhere", MaximumBytes = maximum, MemoryBytes = memory, SegmentBits = 99 });
        geometry.PageBits.Should().BeInRange(16, 24);
        geometry.MemoryBits.Should().BeGreaterThanOrEqualTo(geometry.PageBits + 2);
    }

    [Fact]
    public void Disk_use_is_what_the_files_take()
    {
        var geometry = new LogGeometry(16, 17, 18);
        geometry.DiskUse(0, 0).Should().Be(LogGeometry.FixedBytes);
        geometry.DiskUse(3, (3 << 17) + 1).Should().Be(LogGeometry.FixedBytes + 4096 + 4096);
        geometry.DiskUse(3, 5 << 17).Should().Be(LogGeometry.FixedBytes + (2 * ((1 << 17) + 4096)));
    }

    [Fact]
    public void A_record_that_does_not_fit_a_page_begins_the_next()
    {
        var geometry = new LogGeometry(16, 16, 18);
        geometry.TailAfter(65536 - 100, 100).Should().Be(65536);
        geometry.TailAfter(65536 - 100, 101).Should().Be(65536 + 101);
    }
}
