using System.IO.Compression;
using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using Xunit;

namespace OrthancCachePlugin.Tests.Origin;

public sealed class OriginGuardTests
{
    [Theory]
    [InlineData("{\"Priority\":2147483647}", false)]
    [InlineData("{\"Priority\":-2147483648}", false)]
    [InlineData("{\"Priority\":4294967295}", true)]
    [InlineData("{\"Priority\":-2147483649}", true)]
    [InlineData("{\"Priority\":18446744073709551615}", true)]
    [InlineData("{\"Priority\":18446744073709551616}", false)]
    [InlineData("{\"Priority\":1.0}", false)]
    [InlineData("{\"Priority\":1e3}", false)]
    [InlineData("{\"Priority\":1e999}", false)]
    [InlineData("{\"Priority\":\"4294967295\"}", false)]
    [InlineData("{\"Priority\":4294967295,\"Extended\":1}", true)]
    [InlineData("{\"Transcode\":\"1.2.840.10008.1.2.1\",\"LossyQuality\":4294967295}", true)]
    [InlineData("{\"Transcode\":\"1.2.840.10008.1.2.1\",\"LossyQuality\":-1}", false)]
    [InlineData("[4294967295]", false)]
    [InlineData("no JSON", false)]
    [InlineData("", false)]
    public void Integers_that_make_JsonCpp_throw_are_kept_from_an_origin_whose_exceptions_nobody_catches(string body, bool isRejected) =>
        IsRejected(body, readsLongIntegers: false).Should().Be(isRejected);

    [Theory]
    [InlineData("{\"Priority\":4294967295}", false)]
    [InlineData("{\"Priority\":-4294967295}", false)]
    [InlineData("{\"Priority\":18446744073709551615}", true)]
    public void Orthanc_1_13_reads_longer_integers(string body, bool isRejected) =>
        IsRejected(body, readsLongIntegers: true).Should().Be(isRejected);

    [Theory]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    public void JsonCpp_throws_beyond_a_thousand_levels(int levels, bool isRejected) =>
        IsRejected(new string('[', levels) + new string(']', levels), readsLongIntegers: false).Should().Be(isRejected);

    [Fact]
    public void Brackets_inside_of_texts_do_not_nest() =>
        IsRejected("{\"x\":\"\\\"" + new string('[', 2000) + "\"}", readsLongIntegers: false).Should().BeFalse();

    [Fact]
    public void What_throws_reaches_an_origin_whose_exceptions_are_caught() =>
        OriginGuard.Reject(Post("{\"Priority\":4294967295}"), readsLongIntegers: false, exceptionsAreCaught: true).Should().BeNull();

    [Theory]
    [InlineData("{}", true)]
    [InlineData("{\"Asynchronous\":true}", false)]
    [InlineData("{\"Synchronous\":false}", false)]
    [InlineData("{\"Synchronous\":true,\"Asynchronous\":true}", true)]
    [InlineData("{\"Asynchronous\":1}", true)]
    [InlineData("[]", true)]
    [InlineData("no JSON", true)]
    [InlineData("/* why */ {\"Asynchronous\":true,}", false)]
    public void An_archive_is_built_in_memory_where_no_job_builds_it(string body, bool isInMemory) =>
        OriginGuard.IsBuiltInMemory(Post(body)).Should().Be(isInMemory);

    [Fact]
    public void Only_archives_of_resources_with_children_are_measured()
    {
        OriginGuard.IsBuiltInMemory(new OriginRequest("/studies/a/archive")).Should().BeTrue();
        OriginGuard.IsBuiltInMemory(new OriginRequest("/studies/a/media") { Method = HttpMethod.Delete }).Should().BeFalse();
        OriginGuard.IsBuiltInMemory(new OriginRequest("/instances/a/archive")).Should().BeFalse();
        OriginGuard.IsBuiltInMemory(new OriginRequest("/studies/a/shared-tags")).Should().BeFalse();
    }

    [Theory]
    [InlineData("100000", true)]
    [InlineData("100001", false)]
    [InlineData("2147483647", false)]
    [InlineData("x", true)]
    public void An_image_larger_than_memory_is_never_asked_for(string width, bool isAsked)
    {
        var request = new OriginRequest("/instances/a/frames/0/rendered")
        {
            Arguments = new Dictionary<string, string> { ["width"] = width },
        };

        OriginGuard.Reject(request, readsLongIntegers: false, exceptionsAreCaught: true).Should()
            .Be(isAsked ? null : OriginError.OfCode(OriginCode.NotEnoughMemory));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(3, "")]
    [InlineData(3, "with a comment, PK\u0005\u0006 and all")]
    public void A_whole_archive_ends_with_its_directory(int files, string comment)
    {
        var archive = Make(files, comment);

        OriginGuard.IsWholeArchive(archive).Should().BeTrue();
        for (var cut = 1; cut < 22 && cut < archive.Length; cut++)
        {
            OriginGuard.IsWholeArchive(archive.AsSpan(..^cut)).Should().BeFalse();
        }

        OriginGuard.IsWholeArchive([.. archive, 0]).Should().BeFalse();
    }

    [Fact]
    public void Nothing_is_no_archive() => OriginGuard.IsWholeArchive(default).Should().BeFalse();

    [Theory]
    [InlineData("{\"DicomUncompressedSize\":\"5368709120\"}", 5368709120L)]
    [InlineData("{\"Other\":1,\"DicomUncompressedSize\":\"0\"}", 0L)]
    [InlineData("{\"DicomUncompressedSize\":5000000000}", -1L)]
    [InlineData("{", -1L)]
    public void The_size_of_an_archive_is_read_from_its_statistics(string statistics, long size)
    {
        OriginGuard.TryReadSize(Encoding.UTF8.GetBytes(statistics), out var bytes).Should().Be(size >= 0);
        bytes.Should().Be(Math.Max(0, size));
    }

    [Theory]
    [InlineData("GET", "media", false, "5120 MiB")]
    [InlineData("POST", "media", true, "256 MiB")]
    [InlineData("GET", "media", true, "../../tools/create-media?resources=x&transcode=1.2&filename=a%26b")]
    [InlineData("GET", "archive", true, "../../tools/create-archive?resources=x&transcode=1.2&filename=a%26b")]
    public void Whoever_asks_for_too_large_an_archive_is_told_what_to_do(string method, string name, bool isMadeByTools, string text)
    {
        var request = new OriginRequest($"/studies/x/{name}")
        {
            Method = Enum.Parse<HttpMethod>(method, ignoreCase: true),
            Arguments = new Dictionary<string, string> { ["filename"] = "a&b", ["transcode"] = "1.2" },
        };

        var error = OriginGuard.RejectArchive(request, 5L << 30, 256L << 20, isMadeByTools);

        error.Text.Should().Contain(text);
        error.Kind.Should().Be(method == "GET" && isMadeByTools ? OriginErrorKind.TemporaryRedirect : OriginErrorKind.Code);
    }

    private static bool IsRejected(string body, bool readsLongIntegers)
    {
        var error = OriginGuard.Reject(Post(body), readsLongIntegers, exceptionsAreCaught: false);
        error?.Should().Be(OriginError.OfCode(OriginCode.InternalError));
        return error.HasValue;
    }

    private static OriginRequest Post(string body) =>
        new("/studies/a/media") { Method = HttpMethod.Post, Body = Encoding.UTF8.GetBytes(body) };

    private static byte[] Make(int files, string comment)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.Comment = comment;
            for (var i = 0; i < files; i++)
            {
                using var entry = zip.CreateEntry($"{i}").Open();
                entry.Write("content"u8);
            }
        }

        return memory.ToArray();
    }
}
