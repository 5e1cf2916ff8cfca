using System.Text;
using FsCheck;
using FsCheck.Fluent;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Routing;

public sealed class RequestKeyTests
{
    private const string Study = "/studies/8a8cf898-ca27c490-d0c7058c-929d0581-2bbf104d";
    private const string Instance = "/instances/f689ddd2-662f8fe1-8b18180d-ec2a2cee-937917af";

    [Theory]
    [InlineData($"{Study}/archive?transcode=1&filename=a", $"{Study}/archive?filename=a&transcode=1")]
    [InlineData($"{Study}/shared-tags?short", $"{Study}/shared-tags?short=")]
    [InlineData($"{Study}/shared-tags?short=1&short=2", $"{Study}/shared-tags?short=2")]
    [InlineData($"{Study}/shared-tags?simplify&short=1&short=2", $"{Study}/shared-tags?short=2&simplify")]
    [InlineData($"{Study}/shared-tags?_=123", $"{Study}/shared-tags")]
    [InlineData($"{Study}/shared-tags?token=a&short", $"{Study}/shared-tags?short&token=b&_=7")]
    public void The_same_request_has_the_same_key(string one, string other) => KeyOf(one).Should().Be(KeyOf(other));

    [Theory]
    [InlineData($"{Study}/shared-tags", $"{Study}/instances-tags")]
    [InlineData($"{Study}/shared-tags", $"{Study}/shared-tags?short")]
    [InlineData($"{Study}/shared-tags?short=1", $"{Study}/shared-tags?short=2")]
    [InlineData($"{Study}/shared-tags?short", $"{Study}/shared-tags?simplify")]
    [InlineData($"{Instance}/frames/0/raw", $"{Instance}/frames/1/raw")]
    [InlineData($"{Instance}/frames/0/raw", $"{Instance}/raw")]
    [InlineData($"{Instance}/preview?width=1&height=11", $"{Instance}/preview?width=11&height=1")]
    [InlineData("/studies/8a8cf898-ca27c490-d0c7058c-929d0581-2bbf104d/archive", "/series/8a8cf898-ca27c490-d0c7058c-929d0581-2bbf104d/archive")]
    public void Another_request_has_another_key(string one, string other) => KeyOf(one).Should().NotBe(KeyOf(other));

    [Theory]
    [InlineData($"{Study}/shared-tags", "application/json", null, true)]
    [InlineData($"{Study}/shared-tags", "*/*", "text/html", true)]
    [InlineData($"{Study}/shared-tags", "application/xml", null, false)]
    [InlineData($"{Study}/shared-tags", "application/xml", "text/XML", false)]
    [InlineData($"{Instance}/preview", "image/png", "image/jpeg", false)]
    [InlineData($"{Instance}/preview", "image/png", null, false)]
    [InlineData($"{Instance}/preview", "", null, false)]
    public void The_representation_is_part_of_it_where_it_shapes_the_response(string target, string one, string? other, bool isSame) =>
        (KeyOf(target, one) == KeyOf(target, other)).Should().Be(isSame);

    [Theory]
    [InlineData($"{Study}/shared-tags?requestedTags=0010,0010", RequestDecision.UnknownArgument)]
    [InlineData($"{Study}/shared-tags?Short", RequestDecision.UnknownArgument)]
    [InlineData($"{Study}/shared-tags?", RequestDecision.UnknownArgument)]
    [InlineData("/studies/nobody/shared-tags", RequestDecision.NotAnIdentifier)]
    public void What_may_shape_a_response_in_an_unknown_way_is_left_to_the_origin(string target, RequestDecision decision) =>
        Decide(new FakeExchange(target)).Should().Be(decision);

    [Fact]
    public void A_part_of_a_body_is_left_to_the_origin() =>
        Decide(new FakeExchange($"{Instance}/file", "Range: bytes=0-1")).Should().Be(RequestDecision.Range);

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void A_long_tail_is_left_to_the_origin(int length, bool fits) =>
        Decide(new FakeExchange($"{Instance}/frames/0/{new string('x', length - 2)}"))
            .Should().Be(fits ? RequestDecision.Cacheable : RequestDecision.TooLong);

    [Fact]
    public void Whatever_its_length_a_request_fits_or_is_left_to_the_origin()
    {
        foreach (var (tail, value, accept) in from t in new[] { 3, 200, 255 } from v in Lengths from a in Lengths select (t, v, a))
        {
            var target = $"{Instance}/frames/{new string('1', tail - 2)}/x?quality={new string('q', value)}&width={new string('w', value / 2)}";
            Decide(new FakeExchange(target, $"Accept: {new string('a', accept)}"))
                .Should().BeOneOf(RequestDecision.Cacheable, RequestDecision.TooLong);
        }
    }

    [Fact]
    public void No_two_different_requests_share_a_key()
    {
        string[] names = ["quality", "width", "height", "smooth", "_", "token"];
        var arguments = Gen.Elements(names).Zip(Gen.Elements("", "1", "11", "=", "width", "\u0001", "%26")).ListOf().Where(l => l.Count < 6);
        var requests = from route in Gen.Elements("preview", "frames/0/preview", "frames/0/raw", "frames/00/raw")
                       from list in arguments
                       from accept in Gen.Elements(null, "", "image/png", "image/jpeg", "1")
                       select (Route: route, Arguments: list, Accept: accept);
        var pairs = requests.Two().ToArbitrary();

        Properties.Hold(Prop.ForAll(pairs, pair =>
        {
            var (one, other) = (pair.Item1, pair.Item2);
            var isSame = one.Route == other.Route && one.Accept == other.Accept
                && Meaning(one.Arguments).SequenceEqual(Meaning(other.Arguments));
            (KeyOf(Target(one.Route, one.Arguments), one.Accept) == KeyOf(Target(other.Route, other.Arguments), other.Accept))
                .Should().Be(isSame);
        }), 5000);

        static string Target(string route, IEnumerable<(string Name, string Value)> list) =>
            $"{Instance}/{route}{(list.Any() ? "?" : "")}{string.Join('&', list.Select(a => $"{a.Name}={a.Value}"))}";

        static IEnumerable<(string, string)> Meaning(IEnumerable<(string Name, string Value)> list) => list
            .Where(a => a.Name is not ("_" or "token"))
            .GroupBy(a => a.Name).Select(g => g.Last()).OrderBy(a => a.Name, StringComparer.Ordinal);
    }

    [Fact]
    public void The_resource_is_the_prefix_and_fingerprint_and_version_the_end()
    {
        Span<byte> buffer = stackalloc byte[RequestKey.MaximumSize];
        var exchange = new FakeExchange($"{Study}/shared-tags?short");
        RouteTable.TryMatch(exchange.Path, out var match);
        new RequestPolicy(new PolicyOptions()).Read(exchange, match, buffer, out var request).Should().Be(RequestDecision.Cacheable);

        Span<byte> prefix = stackalloc byte[RequestKey.ResourcePrefixSize];
        RequestKey.WriteResource(request.Resource, prefix);
        request.Key.Request.StartsWith(prefix).Should().BeTrue();

        var key = Convert.ToHexString(request.Key.WithVersion(new Digest128(1, 2), new Digest128(3, 4))).ToLowerInvariant();
        key.Should().Be(
            "0101" + "8a8cf898ca27c490d0c7058c929d05812bbf104d" + "05" + "00" + "01" + "0573686f7274" + "0000" + "00"
            + "01000000000000000200000000000000" + "03000000000000000400000000000000");
    }

    [Theory]
    [InlineData($"{Instance}/tags", "", false, true)]
    [InlineData($"{Instance}/tags", "Cache-Control: no-store", false, false)]
    [InlineData($"{Instance}/tags", "Cache-Control: max-age=0, No-Store", false, false)]
    [InlineData($"{Instance}/tags", "Cache-Control: private=\"no-store\"", false, true)]
    [InlineData($"{Instance}/tags", "Cache-Control: x-no-store-y", false, true)]
    [InlineData($"{Instance}/preview", "", false, false)]
    [InlineData($"{Instance}/preview", "", true, true)]
    [InlineData($"{Study}/archive", "", true, false)]
    public void Json_is_stored_binaries_where_asked_for_and_archives_never(string target, string header, bool cacheBinaries, bool isStored)
    {
        var exchange = new FakeExchange(target, header.Length == 0 ? [] : [header]);
        RouteTable.TryMatch(exchange.Path, out var match);
        var policy = new RequestPolicy(new PolicyOptions { CacheBinaries = cacheBinaries, HostCompresses = true });
        policy.Read(exchange, match, stackalloc byte[RequestKey.MaximumSize], out var request);
        request.IsCached.Should().Be(isStored);
        request.HostCoding.Should().Be(ContentCoding.Identity);
    }

    private static int[] Lengths => [0, 1, 100, 200, 221, 222, 300, 500, 700, 740, 760, 1000, 70000];

    private static RequestDecision Decide(FakeExchange exchange)
    {
        RouteTable.TryMatch(exchange.Path, out var match).Should().BeTrue();
        var decision = new RequestPolicy(new PolicyOptions()).Read(exchange, match, stackalloc byte[RequestKey.MaximumSize], out var request);
        if (decision == RequestDecision.Cacheable)
        {
            request.Key.WithVersion(default, default).Length.Should().BeLessThanOrEqualTo(RequestKey.MaximumSize);
        }

        return decision;
    }

    private static string KeyOf(string target, string? accept = null)
    {
        var exchange = new FakeExchange(target, accept is null ? [] : [$"Accept: {accept}"]);
        RouteTable.TryMatch(exchange.Path, out var match).Should().BeTrue();
        new RequestPolicy(new PolicyOptions())
            .Read(exchange, match, stackalloc byte[RequestKey.MaximumSize], out var request).Should().Be(RequestDecision.Cacheable, "of {0}", target);
        return Convert.ToHexString(request.Key.Request);
    }
}
