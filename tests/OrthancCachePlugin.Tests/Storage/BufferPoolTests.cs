using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class BufferPoolTests
{
    [Theory]
    [InlineData(0, 1024)]
    [InlineData(1024, 1024)]
    [InlineData(1025, 2048)]
    [InlineData(8 << 20, 8 << 20)]
    public void Rounds_up_to_a_power_of_two(int asked, int given) => new BufferPool(1 << 20).Rent(asked).Should().HaveCount(given);

    [Fact]
    public void Gives_the_same_array_again()
    {
        var pool = new BufferPool(1 << 20);
        var first = pool.Rent(5000);
        pool.Return(first);
        pool.Rent(6000).Should().BeSameAs(first);
        pool.IdleBytes.Should().Be(0);
    }

    [Fact]
    public void Does_not_hoard()
    {
        var pool = new BufferPool(10_000);
        var buffers = Enumerable.Range(0, 10).Select(_ => pool.Rent(4096)).ToList();
        buffers.ForEach(pool.Return);
        pool.IdleBytes.Should().Be(8192);
    }
}
