using System.Buffers;
using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Threads;
using OrthancCachePlugin.Tests.Fakes;
using Xunit;

namespace OrthancCachePlugin.Tests.Serving;

public sealed class CachedResponsesTests : IDisposable
{
    private const int TooLargeForMemory = CachedResponses.MemoryBytes;
    private readonly MemoryStore _store = new();
    private readonly CountingCompressor _compressor = new();
    private readonly CachedResponses _cached;

    public CachedResponsesTests() => _cached = new CachedResponses(_store, _compressor, TimeSpan.FromDays(7));

    public void Dispose() => _cached.Dispose();

    [Fact]
    public void Regression_clients_that_are_sent_a_very_large_body_at_the_same_time_share_one_copy_of_it()
    {
        var key = Keep(1, TooLargeForMemory);

        Find(key, out var first);
        Find(key, out var second);
        _compressor.Decoded.Should().Be(1);
        second.Body.Length.Should().Be(TooLargeForMemory);
        second.Body.IndexOfAnyExcept((byte)'x').Should().Be(-1);
        first.Dispose();
        Find(key, out var third);
        _compressor.Decoded.Should().Be(1, "the second client is still being sent it");
        second.Dispose();
        third.Dispose();

        Find(key, out var fourth);
        fourth.Dispose();
        _compressor.Decoded.Should().Be(2, "memory of a body that nobody is sent is given back");
        _cached.BytesInMemory.Should().Be(0);
    }

    [Fact]
    public void A_large_body_is_never_taken_for_another_one()
    {
        var keys = Enumerable.Range(0, 64).Select(i => Keep(i, 100_000 + i)).ToArray();

        foreach (var key in keys.Concat(keys))
        {
            Find(key, out var response);
            response.Body.Length.Should().Be(100_000 + Array.IndexOf(keys, key));
            response.Dispose();
        }
    }

    [Theory]
    [InlineData(100)]
    [InlineData(100_000)]
    [InlineData(TooLargeForMemory)]
    public void Two_keys_with_one_digest_never_get_each_others_body(int size)
    {
        byte[][] keys = [Keep(1, size), Keep(2, size + 1)];
        var digest = Digest128.Of(keys[0]);
        for (var i = 0; i < 8; i++)
        {
            _cached.TryFind(keys[i % 2], digest, ContentCoding.Identity, now: 0, out var response).Should().BeTrue();
            _cached.TryFind(keys[(i + 1) % 2], digest, ContentCoding.Identity, now: 0, out var other).Should().BeTrue();
            response.Body.Length.Should().Be(size + (i % 2));
            other.Body.Length.Should().Be(size + ((i + 1) % 2));
            response.Dispose();
            other.Dispose();
        }
    }

    [Theory]
    [InlineData(ContentCoding.Identity, 100)]
    [InlineData(ContentCoding.Identity, 10_000)]
    [InlineData(ContentCoding.Zstd, 10_000)]
    public void Regression_what_was_read_before_a_purge_is_sent_and_does_not_get_into_memory_behind_it(ContentCoding wanted, int size)
    {
        var key = Keep(1, size);
        Find(key, out var first, wanted);
        first.Dispose();
        _store.OnRead = Purge;

        Find(key, out var second, wanted);

        second.Body.Length.Should().BePositive();
        second.Dispose();
        _cached.EntriesInMemory.Should().Be(0, "otherwise it would be found there, asked for a second time");
        _cached.BytesInMemory.Should().Be(0);
    }

    [Fact]
    public void What_is_read_after_a_purge_gets_into_memory()
    {
        Keep(1, 10_000);
        Purge();
        var key = Keep(1, 10_000);
        for (var i = 0; i < 2; i++)
        {
            Find(key, out var response);
            response.Dispose();
        }

        _cached.EntriesInMemory.Should().Be(1);
    }

    [Fact]
    public void Regression_the_gzip_variant_of_what_was_purged_meanwhile_is_not_written()
    {
        var key = Keep(1, 10_000);
        _store.IsLazy = true;
        _store.OnRead = Purge;
        Find(key, out var response, ContentCoding.Gzip);
        response.Dispose();

        _store.Drain(TimeSpan.Zero);

        _store.Entries.Should().BeEmpty();
    }

    [Fact]
    public void Regression_bodies_that_are_sent_at_the_same_time_stay_within_a_budget()
    {
        const int size = 1_000_000;
        using var cached = new CachedResponses(_store, _compressor, TimeSpan.FromDays(7), CachedResponses.MemoryBytes + (2 * size) + 1000);
        var keys = Enumerable.Range(0, 30).Select(i => Keep(i, size)).ToArray();
        byte[] large = Keep(99, 5 * size);

        cached.TryFind(keys[0], Digest128.Of(keys[0]), ContentCoding.Identity, 0, out var first).Should().BeTrue();
        cached.DecodedBytes.Should().BeInRange(size, size + 1000);
        cached.TryFind(large, Digest128.Of(large), ContentCoding.Identity, 0, out var second).Should().BeTrue("it is more than all, and goes alone");
        second.Body.Length.Should().Be(5 * size);

        // The tier has room for the rest of the budget, but nobody asked twice.
        var others = new List<bool>();
        foreach (var key in keys)
        {
            others.Add(cached.DecodedBytes <= CachedResponses.MemoryBytes + (2 * size) + 1000);
            cached.TryFind(key, Digest128.Of(key), ContentCoding.Identity, 0, out var found);
            found.Dispose();
        }

        others.Should().AllSatisfy(isWithin => isWithin.Should().BeTrue());
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public void Regression_who_finds_the_budget_spent_asks_the_origin_and_keeps_nothing()
    {
        const int size = 1_000_000;
        using var cached = new CachedResponses(_store, _compressor, TimeSpan.FromDays(7), CachedResponses.MemoryBytes + (2 * size));
        var other = Keep(99, 2 * size);
        var spent = new MemoryHog(cached, [.. Enumerable.Range(0, 27).Select(i => Keep(i, size))]);
        cached.DecodedBytes.Should().BeGreaterThan(27 * size);

        cached.TryFind(other, Digest128.Of(other), ContentCoding.Identity, 0, out _).Should().BeFalse();

        spent.Dispose();
        _store.Outstanding.Should().Be(0);
        cached.TryFind(other, Digest128.Of(other), ContentCoding.Identity, 0, out var later).Should().BeTrue();
        later.Dispose();
    }

    [Theory]
    [InlineData(1000, ContentCoding.Identity)]
    [InlineData(100_000, ContentCoding.Identity)]
    [InlineData(100_000, ContentCoding.Gzip)]
    public void Regression_what_throws_on_the_way_leaves_nothing_behind(int size, ContentCoding wanted)
    {
        var key = Keep(1, size);
        _compressor.Failure = new InvalidOperationException("Injected");

        var find = () => _cached.TryFind(key, Digest128.Of(key), wanted, now: 0, out _);

        find.Should().Throw<InvalidOperationException>();
        _store.Outstanding.Should().Be(0);
        _cached.DecodedBytes.Should().Be(0);
        _compressor.Failure = null;
        Find(key, out var response);
        response.Dispose();
        _store.Outstanding.Should().Be(0);
    }

    [Fact]
    public void Regression_an_entry_that_is_disposed_of_twice_gives_back_one_reference()
    {
        using var response = new FakeResponse("body");
        var entry = new PendingResponse("key"u8, response, 0, 0, _compressor, null, new ServingCounters());

        entry.Dispose();
        entry.Dispose();

        response.Body.Length.Should().Be(4, "the request still has it");
    }

    /// <summary>In the order of an administrator's.</summary>
    private void Purge()
    {
        _store.Remove(KeyPrefixes.All);
        _cached.Forget(KeyPrefixes.All);
    }

    private byte[] Keep(int number, int size)
    {
        var key = Encoding.ASCII.GetBytes($"a key of at least the size of the part that names a resource, {number:d4}");
        using var response = new FakeResponse(new string('x', size));
        response.AskedAt = _store.Removals.Position;
        _store.TryEnqueue(new PendingResponse(key, response, 0, 0, _compressor, null, new ServingCounters()));
        return key;
    }

    private void Find(byte[] key, out CachedResponse response, ContentCoding wanted = ContentCoding.Identity) =>
        _cached.TryFind(key, Digest128.Of(key), wanted, now: 0, out response).Should().BeTrue();

    private sealed class CountingCompressor : ICompressor
    {
        private readonly ZstdCompressor _zstd = new();

        public int Decoded { get; private set; }

        public Exception? Failure { get; set; }

        public void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination) => _zstd.Compress(source, destination);

        public bool TryDecompress(ReadOnlySpan<byte> frame, Span<byte> destination)
        {
            Decoded++;
            if (Failure is not null)
            {
                throw Failure;
            }

            return _zstd.TryDecompress(frame, destination);
        }
    }

    /// <summary>A client for each body.</summary>
    private sealed class MemoryHog : IDisposable
    {
        private readonly ManualResetEventSlim _isOver = new();
        private readonly List<Thread> _threads = [];

        public MemoryHog(CachedResponses cached, byte[][] keys)
        {
            using var held = new CountdownEvent(keys.Length);
            foreach (var key in keys)
            {
                var thread = new Thread(() =>
                {
                    var isFound = cached.TryFind(key, Digest128.Of(key), ContentCoding.Identity, 0, out var response);
                    held.Signal();
                    _isOver.Wait();
                    if (isFound)
                    {
                        response.Dispose();
                    }
                });
                _threads.Add(thread);
                thread.Start();
            }

            held.Wait();
        }

        public void Dispose()
        {
            _isOver.Set();
            _threads.ForEach(t => t.Join());
        }
    }
}
