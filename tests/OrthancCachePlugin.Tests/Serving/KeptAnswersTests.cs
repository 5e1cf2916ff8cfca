using System.Buffers;
using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Hashing;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Tests.Fakes;
using Xunit;

namespace OrthancCachePlugin.Tests.Serving;

public sealed class KeptAnswersTests : IDisposable
{
    private const int TooLargeForMemory = KeptAnswers.MemoryBytes;
    private readonly MemoryStore _store = new();
    private readonly CountingCompressor _compressor = new();
    private readonly KeptAnswers _kept;

    public KeptAnswersTests() => _kept = new KeptAnswers(_store, _compressor, TimeSpan.FromDays(7));

    public void Dispose() => _kept.Dispose();

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
        _kept.HotBytes.Should().Be(0);
    }

    [Fact]
    public void A_large_body_is_never_taken_for_another_one()
    {
        var keys = Enumerable.Range(0, 64).Select(i => Keep(i, 100_000 + i)).ToArray();

        foreach (var key in keys.Concat(keys))
        {
            Find(key, out var answer);
            answer.Body.Length.Should().Be(100_000 + Array.IndexOf(keys, key));
            answer.Dispose();
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
            _kept.TryFind(keys[i % 2], digest, ContentCoding.Identity, now: 0, out var answer).Should().BeTrue();
            _kept.TryFind(keys[(i + 1) % 2], digest, ContentCoding.Identity, now: 0, out var other).Should().BeTrue();
            answer.Body.Length.Should().Be(size + (i % 2));
            other.Body.Length.Should().Be(size + ((i + 1) % 2));
            answer.Dispose();
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
        _kept.HotEntries.Should().Be(0, "otherwise it would be found there, asked for a second time");
        _kept.HotBytes.Should().Be(0);
    }

    [Fact]
    public void What_is_read_after_a_purge_gets_into_memory()
    {
        Keep(1, 10_000);
        Purge();
        var key = Keep(1, 10_000);
        for (var i = 0; i < 2; i++)
        {
            Find(key, out var answer);
            answer.Dispose();
        }

        _kept.HotEntries.Should().Be(1);
    }

    [Fact]
    public void Regression_the_gzip_variant_of_what_was_purged_meanwhile_is_not_written()
    {
        var key = Keep(1, 10_000);
        _store.IsLazy = true;
        _store.OnRead = Purge;
        Find(key, out var answer, ContentCoding.Gzip);
        answer.Dispose();

        _store.Drain(TimeSpan.Zero);

        _store.Entries.Should().BeEmpty();
    }

    /// <summary>In the order of an administrator's.</summary>
    private void Purge()
    {
        _store.Remove(KeyPrefixes.All);
        _kept.Forget(KeyPrefixes.All);
    }

    private byte[] Keep(int number, int size)
    {
        var key = Encoding.ASCII.GetBytes($"a key of at least the size of the part that names a resource, {number:d4}");
        using var answer = new FakeAnswer(new string('x', size));
        answer.AskedAt = _store.Removals.Position;
        _store.TryEnqueue(new PendingAnswer(key, answer, 0, 0, _compressor, null, new ServingCounters()));
        return key;
    }

    private void Find(byte[] key, out KeptAnswer answer, ContentCoding wanted = ContentCoding.Identity) =>
        _kept.TryFind(key, Digest128.Of(key), wanted, now: 0, out answer).Should().BeTrue();

    private sealed class CountingCompressor : ICompressor
    {
        private readonly ZstdCompressor _zstd = new();

        public int Decoded { get; private set; }

        public void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination) => _zstd.Compress(source, destination);

        public bool TryDecompress(ReadOnlySpan<byte> frame, Span<byte> destination)
        {
            Decoded++;
            return _zstd.TryDecompress(frame, destination);
        }
    }
}
