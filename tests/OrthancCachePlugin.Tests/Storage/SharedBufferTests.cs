using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>Memory is freed once, by its last reference, and whatever throws in between.</summary>
public sealed class SharedBufferTests : IDisposable
{
    private readonly StoreBench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(1000)]
    [InlineData(100_000)]
    public void Regression_an_entry_that_is_disposed_of_twice_gives_back_nothing_of_another_request(int size)
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
    public void The_last_reference_frees_the_memory_and_gives_its_bytes_back()
    {
        var budget = new MemoryBudget(100);
        budget.TryTake(100, TimeSpan.Zero);
        var buffer = new SharedBuffer(10, budget, 100);
        buffer.AddReference();
        buffer.Dispose();
        buffer.Span.Length.Should().Be(10);
        budget.Used.Should().Be(100);

        buffer.Dispose();

        budget.Used.Should().Be(0);
        buffer.TryAddReference().Should().BeFalse();
        var use = () => buffer.Span.Length;
        use.Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void A_handle_of_freed_memory_neither_frees_nor_shares_what_its_block_holds_now()
    {
        var stale = Enumerable.Range(0, 300).Select(_ => new SharedBuffer(8)).ToList();
        stale.ForEach(buffer => buffer.Dispose());
        var current = Enumerable.Range(0, 300).Select(i => SharedBuffer.CopyOf(BitConverter.GetBytes((long)i))).ToList();

        stale.ForEach(buffer => buffer.Dispose());

        stale.Should().AllSatisfy(buffer => buffer.TryAddReference().Should().BeFalse());
        current.Select(buffer => BitConverter.ToInt64(buffer.Span)).Should().Equal(Enumerable.Range(0, 300).Select(i => (long)i));
        current.ForEach(buffer => buffer.Dispose());
    }

    [Fact]
    public void Threads_that_take_and_end_references_free_the_memory_once()
    {
        var budget = new MemoryBudget(long.MaxValue);
        for (var round = 0; round < 2000; round++)
        {
            budget.TryTake(1, TimeSpan.Zero);
            var buffer = new SharedBuffer(16, budget, 1);
            buffer.Span.Fill(7);
            Parallel.For(0, 4, i =>
            {
                if (i == 0)
                {
                    buffer.Dispose();
                }
                else if (buffer.TryAddReference())
                {
                    buffer.Span.IndexOfAnyExcept((byte)7).Should().Be(-1);
                    buffer.Dispose();
                }
            });
            budget.Used.Should().Be(0);
        }
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

    [Fact]
    public void A_budget_that_is_used_up_rents_nothing_until_something_is_given_back()
    {
        var budget = new MemoryBudget(1 << 20);
        var all = SharedBuffer.TryRent(1 << 20, budget);
        all.Should().NotBeNull();
        SharedBuffer.TryRent(1, budget).Should().BeNull();
        all!.Value.Dispose();
        budget.Used.Should().Be(0);
        SharedBuffer.TryRent(long.MaxValue, budget).Should().BeNull();
        budget.Used.Should().Be(0);
    }
}
