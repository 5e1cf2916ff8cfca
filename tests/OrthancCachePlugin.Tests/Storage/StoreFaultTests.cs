using FluentAssertions;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class StoreFaultTests : IDisposable
{
    private readonly FaultyDisk disk = new();
    private readonly StoreBench bench;

    public StoreFaultTests() => bench = new StoreBench { Disk = disk };

    public void Dispose()
    {
        disk.Hang = false;
        bench.Dispose();
    }

    [Fact]
    public void Writes_that_fail_disable_the_store_once_and_it_comes_back()
    {
        bench.Open();
        Fill(40);
        disk.FailWrites = true;
        FillUntil(StoreState.Disabled);

        bench.Store.GetStatus().Reason.Should().NotBeEmpty();
        bench.Get("key 0").Should().BeNull();

        // Taken or not, as the store may just be trying again: it must not matter to the caller.
        _ = bench.Put("x", [1]);
        for (var i = 0; i < 10; i++)
        {
            bench.Maintain();
        }

        var lines = bench.Log.Count(301);
        lines.Should().BeLessThan(5, "the log says it once per change of state, not per attempt");

        disk.FailWrites = false;
        bench.WaitFor(StoreState.Working);
        bench.PutNow("y", [2]);
        bench.Get("y").Should().Equal(2);
        bench.HasNoEntryLeft.Should().BeTrue();
    }

    [Fact]
    public void What_a_checkpoint_had_saved_survives_a_disk_that_fails_for_a_while()
    {
        bench.Open();
        Fill(40);
        bench.Maintain();
        disk.FailDataWrites = true;
        FillUntil(StoreState.Disabled);
        disk.FailDataWrites = false;
        bench.WaitFor(StoreState.Working);

        for (var i = 0; i < 40; i++)
        {
            bench.Get($"key {i}").Should().Equal(StoreBench.ValueOf($"key {i}", 50_000));
        }
    }

    [Fact]
    public void Reads_that_fail_are_misses()
    {
        bench.Open();
        Fill(100);
        bench.Maintain(); // nothing is on its way to the disk any more: a write reads the checksums of its blocks first
        disk.FailReads = true;
        bench.Get("key 0").Should().BeNull();
        disk.FailReads = false;
        bench.Get("key 0").Should().NotBeNull();
        bench.Store.GetStatus().State.Should().Be(StoreState.Working);
    }

    [Fact]
    public void What_the_system_has_in_memory_is_read_without_the_threads_that_wait_for_the_disk()
    {
        bench.Open();
        Fill(100);
        bench.Get("key 0").Should().NotBeNull();
        var reads = disk.Reads;
        disk.HasPageCache = true;

        bench.Get("key 1").Should().Equal(StoreBench.ValueOf("key 1", 50_000));

        disk.Reads.Should().Be(reads);
    }

    [Fact]
    public void A_disk_that_hangs_costs_a_reader_its_patience_once()
    {
        bench.Options = bench.Options with { ReadTimeout = TimeSpan.FromMilliseconds(50), ShutdownTimeout = TimeSpan.FromMilliseconds(200) };
        bench.Open();
        Fill(100);
        disk.Hang = true;

        bench.Get("key 0").Should().BeNull();
        bench.Get("key 1").Should().BeNull();
        var reads = disk.Reads;
        bench.Get("key 2").Should().BeNull();
        disk.Reads.Should().Be(reads, "nobody asks a disk again that does not answer");

        disk.Hang = false;
        bench.WaitFor(StoreState.Working);
        bench.PutNow("y", [2]);
        bench.Get("y").Should().Equal(2);
    }

    [Fact]
    public void A_disk_that_hangs_does_not_keep_the_store_from_closing()
    {
        bench.Options = bench.Options with { ShutdownTimeout = TimeSpan.FromMilliseconds(100) };
        bench.Open();
        Fill(30);
        disk.Hang = true;
        bench.Put("x", StoreBench.ValueOf("x", 200_000));
        bench.Close();
        bench.WaitUntilLogged(307);
        disk.Hang = false;

        bench.Open().GetStatus().State.Should().Be(StoreState.Working);
    }

    [Fact]
    public void A_disk_that_hangs_while_it_is_opened_gives_misses()
    {
        bench.Open();
        Fill(30);
        bench.Close();
        disk.Hang = true;
        bench.Options = bench.Options with { RecoveryTimeout = TimeSpan.FromMilliseconds(100), ShutdownTimeout = TimeSpan.FromMilliseconds(100) };
        bench.BeginOpen();
        bench.Get("key 0").Should().BeNull();
        bench.Store.GetStatus().State.Should().NotBe(StoreState.Working);
        disk.Hang = false;
        bench.WaitFor(StoreState.Working);
    }

    [Fact]
    public void A_directory_that_cannot_be_opened_is_tried_again()
    {
        disk.FailOpen = true;
        bench.BeginOpen();
        bench.WaitFor(StoreState.Disabled);
        bench.Maintain();
        bench.Log.Count(301).Should().Be(1);
        disk.FailOpen = false;
        bench.WaitFor(StoreState.Working);
    }

    [Fact]
    public void A_nearly_full_disk_is_left_to_others()
    {
        bench.Open();
        Fill(200);
        var before = bench.Store.GetStatus().BytesOnDisk;
        disk.FakeSpace = new DiskSpace(Free: 0, Total: 20L << 20);
        bench.Maintain();

        bench.Store.GetStatus().BytesOnDisk.Should().BeLessThan(before);
        bench.Log.Count(306).Should().Be(1);
        bench.Maintain();
        bench.Log.Count(306).Should().Be(1);
        bench.Store.GetStatus().State.Should().Be(StoreState.Working);

        disk.FakeSpace = null;
        bench.Maintain();
        Fill(300);
        bench.Store.GetStatus().BytesOnDisk.Should().BeGreaterThan(before);
    }

    [Fact]
    public void An_entry_whose_encoder_throws_costs_only_itself()
    {
        bench.Open();
        bench.Store.TryEnqueue(new MemoryEntry(StoreBench.Key("bad"), [1], bench.Now) { OnEncode = () => throw new InvalidOperationException() });
        bench.PutNow("good", [1]);
        bench.Get("bad").Should().BeNull();
        bench.Get("good").Should().Equal(1);
        bench.Store.GetStatus().DroppedWrites.Should().Be(1);
    }

    private void Fill(int count)
    {
        for (var i = 0; i < count; i++)
        {
            bench.PutNow($"key {i}", StoreBench.ValueOf($"key {i}", 50_000));
        }
    }

    private void FillUntil(StoreState state)
    {
        var number = 0;
        bench.WaitUntil(
            () =>
            {
                bench.Put($"more {number++}", StoreBench.ValueOf("more", 50_000));
                bench.Store.Drain(TimeSpan.FromSeconds(10));
                return bench.Store.GetStatus().State == state;
            },
            state.ToString());
    }
}
