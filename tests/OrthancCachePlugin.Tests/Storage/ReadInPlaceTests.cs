using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>Small records that were found on disk before are read where they lie.</summary>
public sealed class ReadInPlaceTests : IDisposable
{
    private const int Count = 600;
    private const int Size = 8_000;

    private readonly FaultyDisk disk = new() { HasPageCache = true };
    private readonly StoreBench bench;

    public ReadInPlaceTests()
    {
        bench = new StoreBench { Disk = disk };
        bench.Open();
        for (var i = 0; i < Count; i++)
        {
            bench.PutNow($"key {i}", Value(i));
        }

        bench.Maintain();
        bench.Get("key 0").Should().Equal(Value(0));
    }

    public void Dispose() => bench.Dispose();

    [Fact]
    public void The_second_lookup_reads_the_record_and_nothing_else()
    {
        var (reads, memoryReads) = (disk.Reads, disk.MemoryReads);

        bench.Get("key 0").Should().Equal(Value(0));

        disk.MemoryReads.Should().Be(memoryReads + 1);
        disk.Reads.Should().Be(reads);
    }

    [Fact]
    public void What_lies_there_and_is_damaged_is_a_miss()
    {
        var path = new StoreFiles(bench.DirectoryPath).Segment(0);
        var bytes = File.ReadAllBytes(path);
        var at = bytes.AsSpan().IndexOf(Value(0).AsSpan(100, 64));
        at.Should().BePositive("the log has no coding of its own");
        using (var file = disk.OpenOrCreate(path))
        {
            file.Write([(byte)~bytes[at]], at);
        }

        bench.Get("key 0").Should().BeNull();
        bench.Get("key 500").Should().Equal(Value(500));
    }

    [Fact]
    public void What_was_removed_is_not_found_in_its_old_place()
    {
        bench.Store.Remove(KeyPrefixes.Of("key 0"u8)).Should().Be(1);

        bench.Get("key 0").Should().BeNull();
        bench.Get("key 1").Should().Equal(Value(1));
        bench.Get("key 1").Should().Equal(Value(1));
    }

    [Fact]
    public void What_is_not_in_memory_is_asked_of_the_log()
    {
        disk.HasPageCache = false;

        bench.Get("key 0").Should().Equal(Value(0));
    }

    [Fact]
    public void Regression_what_has_expired_in_its_place_does_not_hide_what_is_written_after_it()
    {
        bench.Time.Advance(bench.Options.Expiration);
        bench.Get("key 0").Should().BeNull();

        bench.PutNow("key 0", Value(7));

        bench.Get("key 0").Should().Equal(Value(7));
    }

    [Fact]
    public void What_is_written_again_is_found_in_its_new_place()
    {
        bench.PutNow("key 0", Value(7));

        bench.Get("key 0").Should().Equal(Value(7));
    }

    [Fact]
    public void A_store_that_begins_anew_knows_no_old_places()
    {
        bench.Store.Remove(KeyPrefixes.All);
        bench.PutNow("key 0", Value(7));

        bench.Get("key 0").Should().Equal(Value(7));
    }

    private static byte[] Value(int number) => StoreBench.ValueOf($"key {number}", Size);
}
