using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class StoreConcurrencyTests : IDisposable
{
    private readonly StoreBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    public void Fifty_threads_that_read_and_write_while_the_log_is_evicted_see_no_wrong_byte()
    {
        bench.Options = bench.Options with { MaximumBytes = 8 << 20, MaintenanceInterval = TimeSpan.FromMilliseconds(5), CheckpointInterval = TimeSpan.FromMilliseconds(5) };
        bench.Open();
        int wrong = 0, hits = 0;
        var threads = Enumerable.Range(0, 50).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 400; i++)
            {
                var key = $"key {random.Next(1500)}";
                var size = 100 + (key.Length * 1000);
                if (bench.Get(key) is { } value)
                {
                    Interlocked.Increment(ref hits);
                    Interlocked.Add(ref wrong, value.AsSpan().SequenceEqual(StoreBench.ValueOf(key, size)) ? 0 : 1);
                }
                else
                {
                    bench.Put(key, StoreBench.ValueOf(key, size));
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        bench.Store.Drain(TimeSpan.FromSeconds(30)).Should().BeTrue();

        wrong.Should().Be(0);
        hits.Should().BePositive();
        bench.Store.GetStatus().DamagedReads.Should().Be(0);
        bench.Store.GetStatus().State.Should().Be(StoreState.Working);
        bench.Log.Lines.Should().HaveCount(1, "nothing went wrong");
    }

    [Fact]
    public void A_store_can_be_closed_while_others_use_it()
    {
        bench.Open();
        for (var i = 0; i < 100; i++)
        {
            bench.PutNow($"key {i}", StoreBench.ValueOf($"key {i}", 50_000));
        }

        var store = bench.Store;
        using var stop = new ManualResetEventSlim();
        var threads = Enumerable.Range(0, 8).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            while (!stop.IsSet)
            {
                var key = $"key {random.Next(100)}";
                if (store.TryRead(StoreBench.Key(key), out var entry))
                {
                    entry.Dispose();
                }

                bench.Put(store, key, new byte[100]);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        bench.Close();
        store.GetStatus().State.Should().Be(StoreState.Disabled);
        store.TryRead(StoreBench.Key("key 1"), out _).Should().BeFalse();
        stop.Set();
        threads.ForEach(thread => thread.Join());
        bench.Log.Count(307).Should().Be(0);
        bench.HasNoEntryLeft.Should().BeTrue();
    }

    [Fact]
    public void A_lease_outlives_the_store_and_may_be_disposed_of_twice()
    {
        bench.Open();
        bench.PutNow("a", [1, 2, 3]);
        bench.Store.TryRead(StoreBench.Key("a"), out var entry).Should().BeTrue();
        bench.Close();
        entry!.Value.ToArray().Should().Equal(1, 2, 3);
        entry.Dispose();
        entry.Dispose();
        var use = () => entry.Value.Length;
        use.Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void Values_over_the_limits_and_odd_keys_are_simply_not_stored()
    {
        bench.Open();
        bench.Put("too large for a page", new byte[300_000]);
        bench.Put("too large for any", new byte[EntryLimits.MaximumValueSize + 1]);
        bench.Put(new string('x', EntryLimits.MaximumKeySize + 1), [1]).Should().BeFalse();
        bench.Put("", [1]).Should().BeFalse();
        bench.Put(new string('y', EntryLimits.MaximumKeySize), [7]).Should().BeTrue();
        bench.Store.Drain(TimeSpan.FromSeconds(30)).Should().BeTrue();

        bench.Get("too large for a page").Should().BeNull();
        bench.Get("too large for any").Should().BeNull();
        bench.Get("").Should().BeNull();
        bench.Get(new string('z', EntryLimits.MaximumKeySize + 1)).Should().BeNull();
        bench.Get(new string('y', EntryLimits.MaximumKeySize)).Should().Equal(7);
        bench.Store.GetStatus().DroppedWrites.Should().Be(4);
    }

    [Fact]
    public void Large_values_that_nobody_gives_back_do_not_fill_memory()
    {
        bench.Options = bench.Options with { MaximumBytes = 64 << 20, MemoryBytes = 4 << 20, LargeReadBytes = 2 << 20 };
        bench.Open();
        for (var i = 0; i < 8; i++)
        {
            bench.PutNow($"key {i}", StoreBench.ValueOf($"key {i}", 900_000));
        }

        bench.Store.TryRead(StoreBench.Key("key 0"), out var first).Should().BeTrue();
        bench.Store.TryRead(StoreBench.Key("key 1"), out var second).Should().BeTrue();
        bench.Store.TryRead(StoreBench.Key("key 2"), out _).Should().BeFalse("2 MiB are out");
        first!.Dispose();
        bench.Store.TryRead(StoreBench.Key("key 2"), out var third).Should().BeTrue();
        third!.Value.ToArray().Should().Equal(StoreBench.ValueOf("key 2", 900_000));
        third.Dispose();
        second!.Dispose();
    }
}
