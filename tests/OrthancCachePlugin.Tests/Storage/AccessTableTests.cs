using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class AccessTableTests
{
    private readonly AccessTable table = new(1 << 20);

    [Fact]
    public void Counts_up_to_three_and_down_to_nothing()
    {
        table.Count(5).Should().Be(0);
        for (var i = 0; i < 10; i++)
        {
            table.Touch(5);
        }

        table.Count(5).Should().Be(3);
        table.Age(5);
        table.Count(5).Should().Be(2);
        table.Count(6).Should().Be(0);
        table.Forget(5);
        table.Age(5);
        table.Count(5).Should().Be(0);
    }

    [Fact]
    public void Remembers_only_large_sizes_and_never_too_low()
    {
        table.NoteSize(5, AccessTable.LargeThreshold);
        table.LargeSize(5).Should().Be(0);
        table.NoteSize(5, 5_000_000);
        table.NoteSize(5, 300_000);
        table.LargeSize(5).Should().Be(8 << 20);
        table.NoteSize(5, 8 << 20);
        table.LargeSize(5).Should().Be(8 << 20);
        table.Touch(5);
        table.LargeSize(5).Should().Be(8 << 20);
        table.Count(5).Should().Be(1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1L << 30)]
    [InlineData(1L << 50)]
    public void Stays_between_64_KiB_and_4_MiB(long cap) => new AccessTable(cap).Bytes.Should().BeInRange(64 << 10, 4 << 20);
}
