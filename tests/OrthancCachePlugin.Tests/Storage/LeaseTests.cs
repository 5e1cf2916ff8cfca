using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>What is lent is given back once, by who has it, and whatever throws in between.</summary>
public sealed class LeaseTests : IDisposable
{
    private readonly StoreBench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void Regression_a_lease_that_is_disposed_of_twice_gives_back_nothing_of_another_request(int size)
    {
        bench.Open();
        string[] keys = ["a", "b", "c"];
        foreach (var key in keys)
        {
            bench.PutNow(key, StoreBench.ValueOf(key, size));
        }

        bench.Store.TryRead("a"u8, out var first).Should().BeTrue();
        first.Dispose();
        bench.Store.TryRead("b"u8, out var second).Should().BeTrue();

        first.Dispose();

        bench.Get("c").Should().Equal(StoreBench.ValueOf("c", size));
        second.Value.ToArray().Should().Equal(StoreBench.ValueOf("b", size));
        second.Dispose();
        var use = () => first.Value.Length;
        use.Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Regression_a_read_that_cannot_begin_gives_its_share_of_the_budget_back()
    {
        var resources = LogResources.Create(bench.Options);
        using var reader = new LogReader(null!, null!, null!, resources, null!); // without a log there is no session
        resources.Budget.TryTake(1_000_000, TimeSpan.Zero).Should().BeTrue();

        var read = () => reader.TryRead("key"u8, hash: 1, taken: 1_000_000, TimeSpan.Zero, out _);

        read.Should().Throw<NullReferenceException>();
        resources.Budget.Used.Should().Be(0);
    }
}
