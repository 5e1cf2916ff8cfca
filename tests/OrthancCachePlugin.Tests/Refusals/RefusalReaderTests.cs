using FluentAssertions;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Refusals;
using Xunit;

namespace OrthancCachePlugin.Tests.Refusals;

public sealed class RefusalReaderTests
{
    private static readonly OriginTraits Oldest = Of(1, 10, 1);
    private static readonly OriginTraits Middle = Of(1, 12, 7);
    private static readonly OriginTraits Newest = Of(1, 13, 0);

    [Fact]
    public void All_that_Orthanc_1_10_1_refused_is_told_apart_as_it_meant_it()
    {
        // The text depends on the pixel data: what the decoder says of a frame beyond the last one of a JPEG.
        const string OfTheDecoder = "Cannot decode a non-palette image";
        var wrong = RecordedRefusal.All
            .Where(r => r.Expected.Text != OfTheDecoder)
            .Select(r => (Case: r, Actual: RefusalReader.Read(r.Request, r.Reply, Oldest, r)))
            .Where(r => r.Actual != r.Case.Expected)
            .Select(r => $"{r.Case}: {r.Actual} instead of {r.Case.Expected}");

        RecordedRefusal.All.Should().HaveCountGreaterThan(1000);
        wrong.Should().BeEmpty();
    }

    [Theory]
    [InlineData(404, RefusalKind.Status)]
    [InlineData(415, RefusalKind.Status)]
    [InlineData(307, RefusalKind.Redirect)]
    [InlineData(301, RefusalKind.Redirect)]
    [InlineData(405, RefusalKind.MethodNotAllowed)]
    public void Orthanc_1_13_tells_the_status_of_a_GET_and_nothing_is_asked_again(int status, RefusalKind kind)
    {
        var request = new RefusedRequest("/instances/a/preview");

        var rejection = RefusalReader.Read(request, new OriginReply(0, status, true, "../../x.png", "GET"), Newest, new NoProbe());

        rejection.Kind.Should().Be(kind);
        rejection.Text.Should().Be(kind switch { RefusalKind.Redirect => "../../x.png", RefusalKind.MethodNotAllowed => "GET", _ => null });
        RefusalReader.Read(request, new OriginReply(OriginCode.UnknownResource), Newest, new NoProbe())
            .Should().Be(Refusal.Error(OriginCode.UnknownResource));
    }

    [Fact]
    public void A_path_without_handler_is_an_error_and_not_a_bare_404() =>
        RefusalReader.Read(new RefusedRequest("/instances/a/raw"), new OriginReply(0, 404), Newest, new NoProbe())
            .Should().Be(Refusal.Error(OriginCode.UnknownResource));

    [Fact]
    public void A_status_that_cannot_be_sent_bare_becomes_an_error_instead_of_silence() =>
        RefusalReader.Read(new RefusedRequest("/instances/a/tags"), new OriginReply(0, 204, true), Newest, new NoProbe())
            .Kind.Should().Be(RefusalKind.Error);

    [Theory]
    [InlineData("transcode=x", "Unknown transfer syntax: x", "Unknown transfer syntax: x")]
    [InlineData("transcode=", "Unknown transfer syntax: ", "Unknown transfer syntax: ")]
    [InlineData("transcode=x&lossy-quality=y", Quality, "Unknown transfer syntax: x")]
    [InlineData("transcode=1.2.840.10008.1.2.1&lossy-quality=y", Quality, Quality)]
    [InlineData("lossy-quality=y", null, null)]
    public void A_file_is_transcoded_with_complaints_in_the_order_of_the_version(string query, string? middle, string? newest)
    {
        var request = Get("/instances/a/file", query);
        var reply = new OriginReply(OriginCode.ParameterOutOfRange);

        RefusalReader.Read(request, reply, Middle, new NoProbe()).Text.Should().Be(middle);
        RefusalReader.Read(request, reply, Newest, new NoProbe()).Text.Should().Be(newest);
    }

    [Theory]
    [InlineData("/instances/a/metadata", "expand")]
    [InlineData("/instances/a/tags", "whole")]
    [InlineData("/instances/a/simplified-tags", "whole")]
    [InlineData("/instances/a/preview", "returnUnsupportedImage")]
    [InlineData("/instances/a/frames/0/numpy", "compress")]
    [InlineData("/instances/a/frames/0/numpy", "rescale")]
    public void A_Boolean_that_is_none_is_named(string path, string argument) =>
        RefusalReader.Read(Get(path, argument + "=x"), new OriginReply(OriginCode.ParameterOutOfRange), Middle, new NoProbe())
            .Text.Should().Be($"Expected a Boolean for GET argument \"{argument}\", found: x");

    [Theory]
    [InlineData("garbage", "garbage")]
    [InlineData("", "")]
    [InlineData("0010-0010,garbage,00100020", "garbage")]
    [InlineData("7fe0,0010", "7fe0")]
    public void An_unknown_tag_is_named_where_it_is_certain_which_one_it_is(string tags, string? details)
    {
        var reply = new OriginReply(OriginCode.UnknownDicomTag);
        var request = Get("/instances/a/tags", "ignore-length=" + tags);

        RefusalReader.Read(request, reply, Oldest, new NoProbe()).Text.Should().BeNull();
        RefusalReader.Read(request, reply, Newest, new NoProbe()).Text.Should().Be(details);
    }

    [Theory]
    [InlineData("PatientID,garbage", "garbage")]
    [InlineData("garbage,PatientID,garbage,PatientID", "garbage")]
    [InlineData("PatientID,0010-0010,no tag,garbage", "no tag")]
    [InlineData("PatientID,,garbage", "")]
    [InlineData("0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,0", null)]
    public void Where_several_names_may_be_the_unknown_one_the_core_is_asked_about_each(string tags, string? details) =>
        RefusalReader.Read(Get("/instances/a/tags", "ignore-length=" + tags), new OriginReply(OriginCode.UnknownDicomTag), Newest, new Dictionary())
            .Text.Should().Be(details);

    [Theory]
    [InlineData(1, 0, "No support for BitsAllocated > 32 or BitsStored >= 32")]
    [InlineData(3, 0, null)]
    [InlineData(1, 1, null)]
    public void Pixels_of_32_bits_are_explained_where_they_have_a_format(int samples, int representation, string? details) =>
        RefusalReader.Read(Get("/instances/a/frames/0/numpy", ""), new OriginReply(OriginCode.NotImplemented), Newest, new Pixels(samples, representation))
            .Text.Should().Be(details);

    [Theory]
    [InlineData("image/gif;q=abc", 404)]
    [InlineData("image/gif;q=abc, image/png;q=2", 415)]
    [InlineData("image/png;q=0.5;q=x", 415)]
    public void Weights_are_read_as_the_version_reads_them(string accept, int middle)
    {
        var request = new RefusedRequest("/instances/a/preview") { Accept = accept };
        var reply = new OriginReply(OriginCode.UnknownResource);

        RefusalReader.Read(request, reply, Oldest, new Decodable()).Number.Should().Be(415);
        RefusalReader.Read(request, reply, Middle, new Decodable()).Number.Should().Be(middle);
    }

    [Fact]
    public void A_raw_frame_is_explained_where_there_are_no_pixels()
    {
        var reply = new OriginReply(OriginCode.BadFileFormat);
        var request = new RefusedRequest("/instances/a/frames/0/raw.gz");

        RefusalReader.Read(request, reply, Oldest, new Undecodable()).Text.Should().Be("Cannot access a raw frame");
        RefusalReader.Read(request, reply, Oldest, new Decodable()).Text.Should().BeNull();
    }

    [Fact]
    public void An_archive_of_nothing_names_what_is_missing() =>
        RefusalReader.Read(Get("/studies/a/archive", ""), new OriginReply(OriginCode.InexistentItem), Middle, new NoProbe())
            .Should().Be(Refusal.Error(OriginCode.InexistentItem, "Missing resource while creating an archive: a"));

    [Theory]
    [InlineData("false", 415)]
    [InlineData("0", 415)]
    [InlineData("true", 0)]
    [InlineData("", 0)]
    public void The_placeholder_can_be_refused_since_1_12_7(string value, int status)
    {
        var request = Get("/instances/a/frames/1/preview", "returnUnsupportedImage=" + value);
        var reply = new OriginReply(OriginCode.UnknownResource);

        RefusalReader.Read(request, reply, Oldest, new Undecodable())
            .Should().Be(Refusal.Redirect("../../../../app/images/unsupported.png"));
        RefusalReader.Read(request, reply, Middle, new Undecodable()).Number.Should().Be(status);
    }

    private const string Quality = "Expected a Unsigned Int for GET argument \"lossy-quality\", found: y";

    private static OriginTraits Of(int major, int minor, int revision) =>
        OriginTraits.Of((a, b, c) => (major, minor, revision).CompareTo((a, b, c)) >= 0);

    private static RefusedRequest Get(string path, string query) => new(path)
    {
        Method = HttpMethod.Get,
        Arguments = query.Split('&', StringSplitOptions.RemoveEmptyEntries).ToDictionary(p => p.Split('=')[0], p => p.Split('=')[1]),
    };

    /// <summary>For cases that the request alone decides.</summary>
    private sealed class NoProbe : IOriginProbe
    {
        public int Ask(string path) => throw new InvalidOperationException("asked in vain: " + path);

        public string? Read(string path) => throw new InvalidOperationException("asked in vain: " + path);
    }

    private sealed class Decodable : IOriginProbe
    {
        public int Ask(string path) => OriginCode.Success;

        public string? Read(string path) => path.EndsWith("/frames", StringComparison.Ordinal) ? "[ \"0\" ]" : null;
    }

    private sealed class Undecodable : IOriginProbe
    {
        public int Ask(string path) => OriginCode.NotImplemented;

        public string? Read(string path) => path.EndsWith("/frames", StringComparison.Ordinal) ? "[ \"0\", \"1\" ]" : null;
    }

    /// <summary>Pixels of 32 bits in a file that says no more than this.</summary>
    private sealed class Pixels(int samples, int representation) : IOriginProbe
    {
        public int Ask(string path) => OriginCode.Success;

        public string? Read(string path) => path switch
        {
            "/instances/a/metadata/TransferSyntax" => "1.2.840.10008.1.2.1",
            "/instances/a/content/0028-0100" or "/instances/a/content/0028-0101" => " \0",
            "/instances/a/content/0028-0002" => (char)samples + "\0",
            "/instances/a/content/0028-0103" => (char)representation + "\0",
            _ => null,
        };
    }

    /// <summary>A core whose only named tag is PatientID.</summary>
    private sealed class Dictionary : IOriginProbe
    {
        public int Ask(string path)
        {
            const string Question = "/instances/0/tags?ignore-length=";
            path.Should().StartWith(Question);
            return path[Question.Length..] == "PatientID" ? OriginCode.UnknownResource : OriginCode.UnknownDicomTag;
        }

        public string? Read(string path) => null;
    }
}
