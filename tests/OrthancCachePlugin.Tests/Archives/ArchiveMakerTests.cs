using System.IO.Compression;
using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Archives;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Archives;

public sealed class ArchiveMakerTests
{
    private static readonly ArchiveRequest Request = new(new Resource(ResourceLevel.Series, SeriesOrigin.Id(0)), "", "a.zip", IsBare: false);
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Sends_an_archive()
    {
        using var maker = Make();
        using var archive = maker.TryOpen(Request)!;
        var output = new MemoryStream();
        var exchange = new FakeExchange("/series/x/archive") { Streamed = new Client(output, () => { }) };

        maker.TrySend(exchange, archive, Request.FileName).Should().BeTrue();

        exchange.ContentType.Should().Be("application/zip");
        exchange["Content-Disposition"].Should().Be("filename=\"a.zip\"");
        exchange.IsBrokenOff.Should().BeFalse();
        using var zip = new ZipArchive(output);
        zip.Entries.Should().HaveCount(12);
    }

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(400, false, true)]
    [InlineData(1000, false, false)]
    [InlineData(30_000, false, false)]
    [InlineData(0, true, false)]
    public void Regression_only_who_has_left_at_once_is_known_to_have_left(int milliseconds, bool isStopping, bool hasLeft)
    {
        using var maker = Make();
        using var archive = maker.TryOpen(Request)!;
        var isFirst = true;
        var client = new Client(null, () =>
        {
            if (isStopping)
            {
                maker.Stop();
            }

            // What follows fails at once.
            _time.Advance(TimeSpan.FromMilliseconds(isFirst ? milliseconds : 0));
            isFirst = false;
        });
        var exchange = new FakeExchange("/series/x/archive") { Streamed = client };

        maker.TrySend(exchange, archive, Request.FileName).Should().Be(hasLeft);

        exchange.IsBrokenOff.Should().Be(!hasLeft);
    }

    private ArchiveMaker Make() => new(
        new SeriesOrigin(1000),
        new ArchiveNames(isJoined: true, allowsUtf8: false),
        skipsUntranscodable: true,
        new ArchiveGeneration(new NoMemory(), () => Digest128.Of("mark"u8), _time),
        _time);

    private sealed class NoMemory : ISettingsMemory
    {
        public bool IsOpen => false;

        public bool TryRead(out Digest128 fingerprint, out long since)
        {
            (fingerprint, since) = (default, 0);
            return false;
        }

        public void Write(Digest128 fingerprint, long since)
        {
        }
    }

    /// <summary>Without an inner stream, nothing arrives.</summary>
    private sealed class Client(Stream? inner, Action writing) : WriteOnlyStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            writing();
            (inner ?? throw new IOException()).Write(buffer);
        }
    }
}
