using FluentAssertions;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class StoreRoundTripTests : IDisposable
{
    private readonly StoreBench bench = new();

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(200_000)]
    public void What_was_written_is_read_back(int size)
    {
        bench.Open();
        var value = StoreBench.ValueOf("a", size);
        bench.PutNow("a", value, bench.Now - 5);

        bench.Store.TryRead(StoreBench.Key("a"), out var entry).Should().BeTrue();
        entry!.Value.ToArray().Should().Equal(value);
        entry.CreatedAt.Should().Be(bench.Now - 5);
        entry.Dispose();
    }

    [Fact]
    public void A_key_that_was_never_written_is_a_miss()
    {
        bench.Open();
        bench.PutNow("a", [1]);
        bench.Get("b").Should().BeNull();
    }

    [Fact]
    public void The_last_write_of_a_key_wins()
    {
        bench.Open();
        bench.PutNow("a", [1]);
        bench.PutNow("a", [2, 2]);
        bench.Get("a").Should().Equal(2, 2);
    }

    [Fact]
    public void Entries_that_left_memory_are_read_from_disk()
    {
        bench.Open();
        for (var i = 0; i < 100; i++)
        {
            bench.PutNow($"key {i}", StoreBench.ValueOf($"key {i}", 50_000 + i));
        }

        for (var i = 0; i < 100; i++)
        {
            bench.Get($"key {i}").Should().Equal(StoreBench.ValueOf($"key {i}", 50_000 + i), $"key {i}");
        }

        bench.Store.GetStatus().DamagedReads.Should().Be(0);
    }

    [Fact]
    public void Entries_survive_a_restart()
    {
        bench.Open();
        for (var i = 0; i < 100; i++)
        {
            bench.PutNow($"key {i}", StoreBench.ValueOf($"key {i}", 30_000 + i));
        }

        bench.Reopen();

        bench.Store.GetStatus().RecoveredEntries.Should().Be(100);
        for (var i = 0; i < 100; i++)
        {
            bench.Get($"key {i}").Should().Equal(StoreBench.ValueOf($"key {i}", 30_000 + i), $"key {i}");
        }
    }

    [Fact]
    public void The_log_stays_below_the_cap_while_far_more_is_written()
    {
        bench.Open();
        for (var i = 0; i < 2000; i++)
        {
            bench.PutNow($"key {i}", StoreBench.ValueOf($"key {i}", 50_000));
        }

        bench.Get("key 1999").Should().NotBeNull();
        bench.Get("key 0").Should().BeNull();
        bench.Store.GetStatus().BytesOnDisk.Should().BeLessThan(bench.Options.MaximumBytes);
        bench.Store.GetStatus().Evictions.Should().BePositive();
    }

    [Fact]
    public void An_expired_entry_is_a_miss()
    {
        bench.Open();
        bench.PutNow("a", [1]);
        bench.Time.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMilliseconds(1));
        bench.Get("a").Should().NotBeNull();
        bench.Time.Advance(TimeSpan.FromMilliseconds(1));
        bench.Get("a").Should().BeNull();
    }
}
