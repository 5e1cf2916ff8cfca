using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Serving;

public sealed class ResponseHeadersTests
{
    private static readonly Validators Ours = new()
    {
        HasTag = true,
        Tag = new Digest128(1, 2),
        HasLastModified = true,
        LastModified = FakeClock.StartSeconds - 3600,
    };

    [Fact]
    public void Are_these_texts()
    {
        Add(new PolicyOptions(), Ours).Select(h => $"{h.Key}: {h.Value}").Should().Equal(
            "Date: Mon, 20 Feb 2023 15:00:00 GMT",
            "Last-Modified: Mon, 20 Feb 2023 14:00:00 GMT",
            "ETag: \"01000000000000000200000000000000\"",
            "Cache-Control: max-age=604800, s-maxage=604800, public, no-cache",
            "Expires: Mon, 27 Feb 2023 15:00:00 GMT",
            "Vary: Accept, Accept-Encoding",
            "Cache-Status: response-cache; hit");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false, "Authorization: Basic YTpi")]
    [InlineData(false, "Cookie: session=1")]
    public void Are_private_where_somebody_has_to_say_who_they_are(bool asks, params string[] headers) =>
        Value(Add(new PolicyOptions { IsPrivate = asks }, Ours, headers), "Cache-Control").Should().Be("max-age=604800, private, no-cache");

    [Fact]
    public void Have_the_literal_cache_control_of_the_configuration()
    {
        var options = new PolicyOptions { CacheControl = "no-store", ExpirationDays = 1, IsPrivate = true };
        var sent = Add(options, Ours);
        Value(sent, "Cache-Control").Should().Be("no-store");
        Value(sent, "Expires").Should().Be("Tue, 21 Feb 2023 15:00:00 GMT");
    }

    [Fact]
    public void Have_a_weak_tag_where_the_bytes_differ_from_run_to_run() =>
        Value(Add(new PolicyOptions(), Ours with { IsWeak = true }), "ETag").Should().Be("W/\"01000000000000000200000000000000\"");

    [Fact]
    public void Have_neither_validator_where_there_is_no_tag() =>
        Add(new PolicyOptions(), Ours with { HasTag = false }).Select(h => h.Key).Should().NotContain(["ETag", "Last-Modified"]);

    [Fact]
    public void Have_no_date_where_none_is_known() =>
        Add(new PolicyOptions(), Ours with { HasLastModified = false }).Select(h => h.Key).Should().Contain("ETag").And.NotContain("Last-Modified");

    private static List<KeyValuePair<string, string>> Add(PolicyOptions options, Validators validators, params string[] headers)
    {
        var exchange = new FakeExchange("/x", headers);
        new ResponseHeaders(options.ExpirationDays, options.CacheControl, options.IsPrivate)
            .Add(exchange, FakeClock.StartSeconds, validators, new CacheOutcome(CacheResult.Hit));
        return exchange.Sent;
    }

    private static string Value(IEnumerable<KeyValuePair<string, string>> sent, string name) => sent.Single(h => h.Key == name).Value;
}
