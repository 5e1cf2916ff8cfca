using System.Buffers;
using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Hashing;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Serving;
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

    private byte[] Keep(int number, int size)
    {
        var key = Encoding.ASCII.GetBytes($"a key of at least the size of the part that names a resource, {number:d4}");
        using var answer = new FakeAnswer(new string('x', size));
        _store.TryEnqueue(new PendingAnswer(key, answer, 0, 0, _compressor, null, new ServingCounters()));
        return key;
    }

    private void Find(byte[] key, out KeptAnswer answer) =>
        _kept.TryFind(key, Digest128.Of(key), ContentCoding.Identity, now: 0, out answer).Should().BeTrue();

    private sealed class CountingCompressor : ICompressor
    {
        private readonly NativeZstdCompressor _zstd = new();

        public int Decoded { get; private set; }

        public void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination) => _zstd.Compress(source, destination);

        public bool TryDecompress(ReadOnlySpan<byte> frame, Span<byte> destination)
        {
            Decoded++;
            return _zstd.TryDecompress(frame, destination);
        }
    }
}
