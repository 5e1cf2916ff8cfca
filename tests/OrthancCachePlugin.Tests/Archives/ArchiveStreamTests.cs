using System.IO.Compression;
using OrthancCachePlugin.Core.Archives;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Archives;

public sealed class ArchiveStreamTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly ArchiveNames Names = new(isJoined: true, allowsUtf8: false);

    [Theory]
    [InlineData(300L << 20, 1)]
    [InlineData(16L << 20, 2)]
    [InlineData(1000, 5)]
    public void Holds_large_files_one_by_one_and_small_ones_a_few_ahead(long size, int maximum)
    {
        var origin = new SeriesOrigin(size);
        using (var archive = Open(origin)!)
        {
            var output = new MemoryStream();
            archive.TryWrite(new Forward(output), Now).Should().BeTrue();
            using var zip = new ZipArchive(output);
            zip.Entries.Should().HaveCount(12);
            zip.Entries[^1].FullName.Should().Be("1 - P/Unknown Study/CT/CT000012.dcm");
        }

        origin.MostAtOnce.Should().BeInRange(1, maximum);
        origin.Living.Should().Be(0, "each file is given back");
    }

    /// <summary>APPNOTE.TXT, 4.4.1.4: what does not fit into the directory's end stands in that of ZIP64.</summary>
    [Fact]
    public void Is_a_ZIP64_where_there_are_more_files_than_16_bits_count()
    {
        const int Many = 66_000;
        using var archive = Open(new SeriesOrigin(1000) { Count = Many })!;
        var output = new MemoryStream();

        archive.TryWrite(new Forward(output), Now).Should().BeTrue();

        output.GetBuffer().AsSpan(0, (int)output.Length).LastIndexOf("PK\x06\x06"u8).Should().BePositive();
        using var zip = new ZipArchive(output);
        zip.Entries.Should().HaveCount(Many);
        zip.Entries[^1].Name.Should().Be("CT066000.dcm");
    }

    [Fact]
    public void Gives_everything_back_where_the_client_leaves()
    {
        var origin = new SeriesOrigin(1000);
        using (var archive = Open(origin)!)
        {
            var write = () => archive.TryWrite(new Forward(null), Now);
            write.Should().Throw<IOException>();
        }

        origin.Living.Should().Be(0);
    }

    [Fact]
    public void Ends_without_its_directory_where_a_file_cannot_be_read()
    {
        var origin = new SeriesOrigin(1000) { Missing = 7 };
        using var archive = Open(origin)!;
        var output = new MemoryStream();

        archive.TryWrite(new Forward(output), Now).Should().BeFalse();

        output.Position = 0;
        var read = () => new ZipArchive(output);
        read.Should().Throw<InvalidDataException>();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Regression_what_is_stopped_before_its_first_file_is_broken_off_and_not_left_to_the_origin(bool beforeItBegan)
    {
        using var stop = new CancellationTokenSource();
        var origin = new SeriesOrigin(1000) { Asked = () => stop.Cancel() };
        if (beforeItBegan)
        {
            stop.Cancel();
        }

        using (var archive = Open(origin, stop.Token)!)
        {
            archive.Should().NotBeNull();
            archive.TryWrite(new Forward(new MemoryStream()), Now).Should().BeFalse();
        }

        origin.MostAtOnce.Should().Be(0, "no file is read any more");
        (origin.Questions == 0 || !beforeItBegan).Should().BeTrue("nothing is asked any more");
    }

    private static ArchiveStream? Open(SeriesOrigin origin, CancellationToken stop = default)
    {
        var series = new Resource(ResourceLevel.Series, SeriesOrigin.Id(0));
        return ArchiveStream.TryOpen(origin, "", skipsUntranscodable: false, () => ArchivePlan.TryRead(origin, Names, series, isBare: false), stop);
    }

    /// <summary>What cannot be sought, as the body of a response; without an inner stream, the client has left.</summary>
    private sealed class Forward(Stream? inner) : WriteOnlyStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => (inner ?? throw new IOException()).Write(buffer);
    }
}
