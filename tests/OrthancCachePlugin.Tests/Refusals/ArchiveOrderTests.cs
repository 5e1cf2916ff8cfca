using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Refusals;
using Xunit;

namespace OrthancCachePlugin.Tests.Refusals;

public sealed class ArchiveOrderTests
{
    private static readonly OriginTraits Oldest = new();
    private static readonly OriginTraits Middle = new() { ReadsLossyQuality = true };
    private static readonly OriginTraits Newest = Middle with { ReadsLongIntegers = true, ReadsUtf8 = true };

    [Theory]
    [InlineData("{}", false)]
    [InlineData("{\"Asynchronous\":true}", true)]
    [InlineData("{\"Synchronous\":false}", true)]
    [InlineData("{\"Synchronous\":true,\"Asynchronous\":true}", false)]
    [InlineData("[]", false)]
    [InlineData("no JSON", false)]
    [InlineData("/* why */ {\"Asynchronous\":true,}", true)]
    public void A_job_or_an_archive(string body, bool isAsynchronous)
    {
        var order = Read(body, Newest);

        order.IsAsynchronous.Should().Be(isAsynchronous);
        order.Complaint.Should().BeNull();
    }

    [Theory]
    [InlineData("{\"Priority\":2147483647}", 0)]
    [InlineData("{\"Priority\":-2147483648}", 0)]
    [InlineData("{\"Priority\":4294967295}", OriginCode.InternalError)]
    [InlineData("{\"Priority\":-2147483649}", OriginCode.InternalError)]
    [InlineData("{\"Priority\":18446744073709551615}", OriginCode.InternalError)]
    [InlineData("{\"Priority\":18446744073709551616}", OriginCode.BadFileFormat)]
    [InlineData("{\"Priority\":1.0}", OriginCode.BadFileFormat)]
    [InlineData("{\"Priority\":1e3}", OriginCode.BadFileFormat)]
    [InlineData("{\"Priority\":1e999}", 0)]
    [InlineData("{\"Asynchronous\":1,\"Priority\":4294967295}", OriginCode.BadFileFormat)]
    [InlineData("{\"Priority\":4294967295,\"Extended\":1}", OriginCode.InternalError)]
    [InlineData("{\"LossyQuality\":4294967295}", 0)]
    [InlineData("{\"Transcode\":\"1.2.840.10008.1.2.1\",\"LossyQuality\":4294967295}", OriginCode.InternalError)]
    [InlineData("{\"Transcode\":\"1.2.840.10008.1.2.1\",\"LossyQuality\":-1}", OriginCode.BadFileFormat)]
    [InlineData("{\"Transcode\":\"x\",\"LossyQuality\":4294967295}", OriginCode.ParameterOutOfRange)]
    public void Complaints_come_in_the_order_of_the_core_before_1_13(string body, int code)
    {
        var order = Read(body, Middle);

        (order.Complaint?.Number ?? 0).Should().Be(code);
        order.EndsInException.Should().Be(code == OriginCode.InternalError);
    }

    [Theory]
    [InlineData("{\"Priority\":4294967295}", OriginCode.BadParameterType)]
    [InlineData("{\"Priority\":-4294967295}", 0)]
    [InlineData("{\"Priority\":18446744073709551615}", OriginCode.InternalError)]
    [InlineData("{\"Transcode\":\"1.2.840.10008.1.2.1\",\"LossyQuality\":-1}", OriginCode.BadParameterType)]
    [InlineData("{\"Utf8\":1}", OriginCode.BadFileFormat)]
    public void Orthanc_1_13_reads_longer_integers(string body, int code) =>
        (Read(body, Newest).Complaint?.Number ?? 0).Should().Be(code);

    [Fact]
    public void A_number_beyond_all_numbers_spoils_the_body_for_an_old_JsonCpp_only()
    {
        const string Body = "{\"Priority\":1e999}";

        Read(Body, Oldest).Complaint.Should().BeNull();
        Read(Body, Oldest with { ReadsInfinity = true }).Complaint!.Value.Number.Should().Be(OriginCode.BadFileFormat);
    }

    [Theory]
    [InlineData(1000, false)]
    [InlineData(1001, true)]
    public void JsonCpp_throws_beyond_a_thousand_levels(int levels, bool throws) =>
        Read(new string('[', levels) + new string(']', levels), Oldest).EndsInException.Should().Be(throws);

    [Fact]
    public void Brackets_inside_of_texts_do_not_nest() =>
        Read("{\"x\":\"\\\"" + new string('[', 2000) + "\"}", Oldest).EndsInException.Should().BeFalse();

    [Fact]
    public void What_would_throw_is_kept_from_a_core_whose_exceptions_nobody_catches()
    {
        var request = new RefusedRequest("/studies/a/media") { Method = HttpMethod.Post, Body = "{\"Priority\":4294967295}"u8.ToArray() };

        Foresight.Refuse(request, Oldest, exceptionsAreCaught: true).Should().BeNull();
        Foresight.Refuse(request, Oldest, exceptionsAreCaught: false)!.Value.Text
            .Should().Be("An unhandled exception was generated inside the HTTP server");
    }

    [Theory]
    [InlineData("100000", true)]
    [InlineData("100001", false)]
    [InlineData("2147483647", false)]
    [InlineData("x", true)]
    public void An_image_larger_than_memory_is_never_asked_for(string width, bool isAsked)
    {
        var request = new RefusedRequest("/instances/a/frames/0/rendered")
        {
            Arguments = new Dictionary<string, string> { ["width"] = width },
        };

        Foresight.Refuse(request, Oldest, exceptionsAreCaught: true).HasValue.Should().Be(!isAsked);
    }

    private static ArchiveOrder Read(string body, OriginTraits traits) => ArchiveOrder.Read(Encoding.UTF8.GetBytes(body), traits);
}
