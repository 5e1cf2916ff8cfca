using System.Text.Json.Nodes;
using FluentAssertions;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Tests.Serving;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class StoreFiguresTests : IDisposable
{
    private readonly FaultyDisk disk = new();
    private readonly StoreBench bench;

    public StoreFiguresTests() => bench = new StoreBench { Disk = disk };

    public void Dispose() => bench.Dispose();

    [Fact]
    public void Regression_the_directory_is_gone_through_once_for_a_snapshot_and_only_where_somebody_asks()
    {
        bench.Open();
        var status = bench.Store.GetStatus();
        Add("before it is asked");
        var bytes = status.BytesOnDisk;
        bytes.Should().BeGreaterThanOrEqualTo(1 << 20);

        Add("after it was asked");

        status.BytesOnDisk.Should().Be(bytes);
        (status with { Entries = 7 }).BytesOnDisk.Should().Be(bytes);
        bench.Store.GetStatus().BytesOnDisk.Should().BeGreaterThanOrEqualTo(2 << 20);
        void Add(string name) => File.WriteAllBytes(Path.Combine(bench.DirectoryPath, name), new byte[1 << 20]);
    }

    [Fact]
    public void Regression_entries_that_are_still_in_memory_count_as_used()
    {
        bench.Open();
        bench.Store.GetStatus().BytesUsed.Should().BeLessThan(20_000);
        bench.PutNow("key", StoreBench.ValueOf("key", 50_000));

        var status = bench.Store.GetStatus();

        status.Entries.Should().Be(1);
        status.BytesOnDisk.Should().BeLessThan(50_000, "the page is not full");
        status.BytesUsed.Should().BeInRange(50_000, 70_000);
    }

    [Fact]
    public void Regression_the_status_and_the_metrics_show_what_is_used()
    {
        var cache = new CacheFixture();
        var store = new CountingStore { BytesOfEntries = 3 << 20 };
        using var figures = new Figures("1", "1", new CacheOptions(), cache.Cache, store, new OrthancApi(cache.Origin), null!, null!, cache.Time);

        var shown = JsonNode.Parse(JsonText.Write(writer => StatusReport.WriteDisk(writer, store.GetStatus(), null)))!["Disk"]!;
        shown["Bytes"]!.GetValue<long>().Should().Be(3 << 20);
        Metrics.Read(figures).First(m => m.Name == "orthanc_response_cache_disk_mb").Value.Should().Be(3);
        cache.Time.Advance(FigureHistory.Minute);
        figures.Plots.LastHour[0].DiskBytes.Should().Be(3 << 20);
    }

    [Fact]
    public void Regression_a_scrape_asks_the_store_once()
    {
        var cache = new CacheFixture();
        var store = new CountingStore();
        using var figures = new Figures("1", "1", new CacheOptions(), cache.Cache, store, new OrthancApi(cache.Origin), null!, null!, cache.Time);

        Metrics.Read(figures).TakeWhile(metric => metric.Name != "orthanc_response_cache_store_working_count").Should().NotBeEmpty();

        store.Asked.Should().Be(1);
    }

    [Fact]
    public void Regression_what_is_counted_never_falls_while_the_store_fails_and_is_opened_again()
    {
        bench.Open();
        for (var i = 0; i < 500; i++)
        {
            bench.PutNow($"key {i}", StoreBench.ValueOf("value", 50_000));
        }

        bench.Store.GetStatus().Evictions.Should().BePositive();
        var isOver = false;
        long falls = 0;
        var watcher = new Thread(() =>
        {
            var last = bench.Store.GetStatus();
            while (!Volatile.Read(ref isOver))
            {
                var now = bench.Store.GetStatus();
                falls += now.Evictions < last.Evictions || now.Expiries < last.Expiries || now.Writes < last.Writes
                    || now.DroppedWrites < last.DroppedWrites || now.DamagedReads < last.DamagedReads ? 1 : 0;
                last = now;
            }
        });
        watcher.Start();

        for (var turn = 0; turn < 10; turn++)
        {
            disk.FailWrites = true;
            bench.WaitUntil(
                () =>
                {
                    bench.Put("key", StoreBench.ValueOf("value", 200_000));
                    return bench.Store.GetStatus().State == StoreState.Disabled;
                },
                "a failure");
            disk.FailWrites = false;
            bench.WaitFor(StoreState.Working);
        }

        Volatile.Write(ref isOver, true);
        watcher.Join();
        falls.Should().Be(0);
    }

    private sealed class CountingStore : IEntryStore
    {
        public int Asked { get; private set; }

        public long BytesOfEntries { get; init; }

        public RemovalLog Removals { get; } = new();

        public bool TryRead(ReadOnlySpan<byte> key, out StoredEntry entry)
        {
            entry = default;
            return false;
        }

        public bool TryEnqueue(PendingEntry entry) => false;

        public bool Drain(TimeSpan timeout) => true;

        public int Remove(KeyPrefixes keys) => 0;

        public IReadOnlyList<EntryInfo> List(ReadOnlySpan<byte> keyPrefix) => [];

        public StoreStatus GetStatus()
        {
            Asked++;
            return new StoreStatus { State = StoreState.Working, BytesOfEntries = BytesOfEntries };
        }

        public void Dispose()
        {
        }
    }
}
