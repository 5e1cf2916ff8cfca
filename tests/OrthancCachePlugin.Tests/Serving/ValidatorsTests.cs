using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Serving;

public sealed class ValidatorsTests
{
    private const string Tag = "\"01000000000000000200000000000000\"";
    private static readonly Validators Ours = new()
    {
        HasTag = true,
        Tag = new Digest128(1, 2),
        HasLastModified = true,
        LastModified = 1676905200,
    };

    [Theory]
    [InlineData("MatchedByTag", "If-None-Match: " + Tag)]
    [InlineData("MatchedByTag", "If-None-Match: W/" + Tag)]
    [InlineData("MatchedByDate", "If-None-Match: *")]
    [InlineData("None", "If-None-Match: \"x\"")]
    [InlineData("None", "If-None-Match: \"x\"", "If-Modified-Since: Mon, 20 Feb 2023 15:00:00 GMT")]
    [InlineData("None", "If-None-Match: ", "If-Modified-Since: Mon, 20 Feb 2023 15:00:00 GMT")]
    [InlineData("MatchedByTag", "If-None-Match: " + Tag, "If-Modified-Since: Mon, 20 Feb 2023 14:59:59 GMT")]
    [InlineData("MatchedByDate", "If-Modified-Since: Mon, 20 Feb 2023 15:00:00 GMT")]
    [InlineData("MatchedByDate", "If-Modified-Since: Monday, 20-Feb-23 15:00:01 GMT")]
    [InlineData("None", "If-Modified-Since: Mon, 20 Feb 2023 14:59:59 GMT")]
    [InlineData("None", "If-Modified-Since: yesterday")]
    [InlineData("None", "If-Modified-Since: ")]
    [InlineData("None")]
    public void Say_what_the_client_holds(string expected, params string[] headers) =>
        Ours.EvaluatePreconditions(new FakeExchange("/x", headers)).ToString().Should().Be(expected);

    [Theory]
    [InlineData("If-None-Match: *")]
    [InlineData("If-None-Match: \"00000000000000000000000000000000\"")]
    [InlineData("If-Modified-Since: Mon, 20 Feb 2023 15:00:00 GMT")]
    public void Without_a_tag_nothing_matches(string header) =>
        default(Validators).EvaluatePreconditions(new FakeExchange("/x", header)).Should().Be(PreconditionResult.None);

    [Fact]
    public void Without_a_date_no_date_is_good_enough() =>
        (Ours with { HasLastModified = false }).EvaluatePreconditions(new FakeExchange("/x", "If-Modified-Since: Mon, 20 Feb 2090 15:00:00 GMT"))
            .Should().Be(PreconditionResult.None);
}
