using FluentAssertions;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Tests.Fakes;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>What the store takes, and what it says of what it does not take, before anybody is told.</summary>
public sealed class StoreAdmissionTests : IDisposable
{
    private static readonly byte[] Key = StoreBench.Key("a key of at least the size of the part that names a resource, 1");

    private readonly FaultyDisk disk = new();
    private readonly StoreBench bench;
    private readonly ZstdCompressor compressor = new();

    public StoreAdmissionTests() => bench = new StoreBench
    {
        Disk = disk,
        Options = new StoreOptions
        {
            Directory = "",
            MaximumBytes = 256 << 20,
            MemoryBytes = 64 << 20,
            MaintenanceInterval = TimeSpan.FromSeconds(10),
            RetryInterval = TimeSpan.FromMilliseconds(50),
        },
    };

    public void Dispose() => bench.Dispose();

    [Theory]
    [InlineData(9 << 20, ContentCoding.Identity)]
    [InlineData(36 << 20, ContentCoding.Identity)]
    [InlineData(36 << 20, ContentCoding.Gzip)]
    [InlineData(150 << 20, ContentCoding.Identity)]
    [InlineData(150 << 20, ContentCoding.Zstd)]
    public void Regression_a_body_of_any_size_whose_coding_fits_a_record_is_stored_and_found(int size, ContentCoding wanted)
    {
        Open();
        var body = Tags(size);
        using var response = new FakeResponse(body, null, "application/json");
        using var cached = new CachedResponses(bench.Store, compressor, TimeSpan.FromDays(7));

        var entry = Entry(response);
        bench.Store.TryAdmit(entry, out var rejection).Should().BeTrue();
        rejection.Should().Be(StoreRejection.None);
        bench.Store.Enqueue(entry);
        bench.Store.Drain(TimeSpan.FromMinutes(1)).Should().BeTrue();
        bench.Store.GetStatus().Writes.Should().Be(1);

        for (var turn = 0; turn < 2; turn++)
        {
            cached.TryFind(Key, Digest128.Of(Key), wanted, bench.Now, out var found).Should().BeTrue();
            if (found.Coding == ContentCoding.Identity)
            {
                found.Body.SequenceEqual(body).Should().BeTrue();
            }
            else
            {
                found.Coding.Should().Be(wanted);
            }

            found.Dispose();
            bench.Store.Drain(TimeSpan.FromMinutes(1)).Should().BeTrue();
        }

        cached.DecodedBytes.Should().BeLessThanOrEqualTo(cached.BytesInMemory, "nobody is sent it any more");
        bench.Store.GetStatus().DroppedWrites.Should().Be(0);
    }

    [Fact]
    public void Regression_what_fits_no_record_is_refused_and_not_encoded_again()
    {
        Open();
        var encoded = 0;
        var value = StoreBench.ValueOf("random", 12 << 20);
        for (var turn = 0; turn < 3; turn++)
        {
            var entry = new MemoryEntry(Key, value, bench.Now) { OnEncode = () => encoded++ };
            bench.Store.TryAdmit(entry, out var rejection).Should().BeFalse();
            rejection.Should().Be(StoreRejection.TooLarge);
            entry.IsDisposed.Should().BeTrue();
        }

        encoded.Should().Be(1);
        bench.Store.GetStatus().DroppedWrites.Should().Be(3);
        bench.Store.GetStatus().QueueBytes.Should().Be(0);
    }

    [Fact]
    public void What_is_no_larger_than_a_record_is_left_to_the_writer()
    {
        Open();
        var entry = new MemoryEntry(Key, StoreBench.ValueOf("random", 7 << 20), bench.Now) { OnEncode = () => Thread.CurrentThread.Name.Should().Be("cache-encode") };

        bench.Store.TryAdmit(entry, out _).Should().BeTrue();
        bench.Store.Enqueue(entry);

        bench.Store.Drain(TimeSpan.FromMinutes(1)).Should().BeTrue();
        bench.Store.GetStatus().Writes.Should().Be(1);
    }

    [Fact]
    public void Regression_a_store_that_does_not_work_says_so()
    {
        disk.FailOpen = true;
        SetDirectory();
        bench.BeginOpen();
        bench.WaitFor(StoreState.Disabled);
        Refusal().Should().Be(StoreRejection.NotWorking);

        disk.FailOpen = false;
        bench.WaitFor(StoreState.Working);
        Refusal().Should().Be(StoreRejection.None);

        bench.Store.Dispose();
        Refusal().Should().Be(StoreRejection.NotWorking);
        bench.Store.GetStatus().DroppedWrites.Should().Be(2);
    }

    [Fact]
    public void Regression_a_store_that_is_being_opened_says_so()
    {
        Open();
        bench.PutNow("x", [1]);
        bench.Close();
        using var goOn = new ManualResetEventSlim();
        disk.OnOpen = _ => goOn.Wait();
        bench.BeginOpen();

        Refusal().Should().Be(StoreRejection.NotWorking);

        goOn.Set();
        bench.WaitFor(StoreState.Working);
    }

    [Fact]
    public void Regression_a_queue_that_is_full_says_so_and_takes_entries_again()
    {
        bench.Options = bench.Options with { QueueEntries = 1 };
        Open();
        using var blocked = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        bench.Store.TryEnqueue(new MemoryEntry(StoreBench.Key("x"), [1], bench.Now) { OnEncode = () => { blocked.Set(); release.Wait(); } });
        blocked.Wait();
        Refusal().Should().Be(StoreRejection.None);

        Refusal().Should().Be(StoreRejection.Busy);

        release.Set();
        bench.Store.Drain(TimeSpan.FromSeconds(30)).Should().BeTrue();
        Refusal().Should().Be(StoreRejection.None);
    }

    private static byte[] Tags(int size)
    {
        var body = new byte[size];
        for (var i = 0; i < body.Length; i++)
        {
            body[i] = (byte)('a' + ((i / 1000 * 7) + (i % 97)) % 26);
        }

        return body;
    }

    private void SetDirectory() => bench.Options = bench.Options with { Directory = bench.DirectoryPath };

    private void Open()
    {
        SetDirectory();
        bench.Open();
    }

    private StoreRejection Refusal()
    {
        var entry = new MemoryEntry(Key, [1], bench.Now);
        if (bench.Store.TryAdmit(entry, out var rejection))
        {
            bench.Store.Enqueue(entry);
        }

        return rejection;
    }

    private PendingResponse Entry(FakeResponse response) => new(Key, response, bench.Now, 0, compressor, null, new ServingCounters());
}
