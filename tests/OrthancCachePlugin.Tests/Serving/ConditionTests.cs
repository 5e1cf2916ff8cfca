using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.Model;

namespace OrthancCachePlugin.Tests.Serving;

/// <summary>
/// RFC 9110 sections 13.1.2 and 15.4.5: a 304 is given where the 200 to the same request would carry one of the tags that the client
/// names, and carries that tag. A body has a tag for each coding.
/// </summary>
public sealed class ConditionTests
{
    private static readonly string[] Codings =
    [
        "", "gzip", "zstd", "gzip, deflate, br, zstd", "deflate", "identity;q=0", "*;q=0", "*", "gzip;q=0, zstd;q=0", "identity;q=0, gzip;q=0.1",
        "zstd;q=0.5, gzip;q=0.6", "identity;q=1, zstd;q=0.9", "GZIP", "br", "gzip;q=0, *", "gzip;a=b;q=0",
    ];

    [Theory]
    [InlineData(false, true, 1)]
    [InlineData(false, true, 2)]
    [InlineData(true, true, 3)]
    [InlineData(true, false, 4)]
    public void A_304_is_given_where_the_200_would_carry_a_tag_that_the_client_names_and_nowhere_else(bool hostCompresses, bool canSendEncoded, int seed)
    {
        var random = new Random(seed);
        var cache = new CacheFixture(new PolicyOptions { HostCompresses = hostCompresses, CanSendEncoded = canSendEncoded });
        cache.Store.IsLazy = true; // what is stored changes between two steps, never within one
        string[] targets = [CacheFixture.Series, CacheFixture.Tags, CacheFixture.File, CacheFixture.Archive, CacheFixture.Metadata];
        var seen = new List<string> { "\"x\"" };
        var statuses = new Dictionary<int, int> { [200] = 0, [304] = 0 };
        for (var step = 0; step < 4000; step++)
        {
            switch (random.Next(40))
            {
                case 0:
                    cache.PurgeAll();
                    break;
                case 1:
                    cache.Restart();
                    cache.Time.AdvanceSeconds(5);
                    break;
                case 2:
                    cache.Upload(random.Next(Tree.InstanceCount));
                    cache.Time.AdvanceSeconds(5);
                    break;
                case < 20:
                    cache.Store.Drain(TimeSpan.Zero);
                    break;
                default:
                    break;
            }

            var target = targets[random.Next(targets.Length)];
            var coding = Codings[random.Next(Codings.Length)];
            string[] plain = coding.Length == 0 ? [] : [$"Accept-Encoding: {coding}"];
            var named = Enumerable.Range(0, random.Next(1, 4)).Select(_ => seen[^random.Next(1, Math.Min(seen.Count, 12) + 1)]).ToArray();
            var list = random.Next(20) == 0 ? "*" : string.Join(", ", named.Select(t => Written(random, t)));
            string[] conditional = [.. plain, $"If-None-Match: {list}"];

            // The first response of a volatile route tells which of those that are stored is current: until then a 200 is a miss.
            if (target == CacheFixture.Metadata || random.Next(2) == 0)
            {
                Get(cache, target, plain);
            }

            var response = Get(cache, target, conditional);
            var full = Get(cache, target, plain);

            full.Status.Should().Be(200);
            full["ETag"].Should().NotBeNull();
            var isNamed = list == "*" || named.Any(t => Opaque(t) == Opaque(full["ETag"]!));
            response.Status.Should().Be(isNamed ? 304 : 200, "of step {0}: {1}, {2}, where a 200 carries {3}", step, target, string.Join(", ", conditional), full["ETag"]);
            response["ETag"].Should().Be(full["ETag"]);
            response["Vary"].Should().Be("Accept, Accept-Encoding");
            statuses[response.Status]++;
            if (!seen.Contains(full["ETag"]!))
            {
                seen.Add(full["ETag"]!);
            }
        }

        statuses[304].Should().BeGreaterThan(300);
        statuses[200].Should().BeGreaterThan(300);
    }

    [Fact]
    public void Regression_a_client_that_takes_no_zstd_is_not_told_that_its_zstd_body_is_good()
    {
        var cache = new CacheFixture();
        var plain = Get(cache, CacheFixture.Series)["ETag"]!;
        var zstd = Get(cache, CacheFixture.Series, "Accept-Encoding: zstd")["ETag"]!;
        zstd.Should().EndWith("-zstd\"");

        foreach (var tag in new[] { zstd, "W/" + zstd, zstd.Trim('"') })
        {
            Get(cache, CacheFixture.Series, $"If-None-Match: {tag}").Status.Should().Be(200);
            Get(cache, CacheFixture.Series, $"If-None-Match: {tag}", "Accept-Encoding: zstd").Status.Should().Be(304);
        }

        Get(cache, CacheFixture.Series, $"If-None-Match: {plain}", "Accept-Encoding: zstd")["ETag"].Should().Be(zstd);
        Get(cache, CacheFixture.Series, $"If-None-Match: {zstd}, {plain}", "Accept-Encoding: zstd")["ETag"].Should().Be(zstd);
    }

    [Fact]
    public void Regression_a_304_for_gzip_where_there_is_no_gzip_yet_decodes_nothing_and_carries_the_tag_of_the_body_as_it_is()
    {
        var cache = new CacheFixture();
        var plain = Get(cache, CacheFixture.Series)["ETag"]!;

        var response = Get(cache, CacheFixture.Series, $"If-None-Match: {plain}", "Accept-Encoding: gzip");

        response.Status.Should().Be(304);
        response["ETag"].Should().Be(plain);
        cache.Store.Entries.Should().ContainSingle("a 304 makes no variant");
    }

    [Theory]
    [InlineData("If-Match: {tag}", 200)]
    [InlineData("If-Match: \"x\", {tag}", 200)]
    [InlineData("If-Match: *", 200)]
    [InlineData("If-Match: W/{tag}", 200)]
    [InlineData("If-Match: \"x\"", 200)]
    [InlineData("If-Match: {tag-zstd}", 200)]
    [InlineData("If-Unmodified-Since: {date}", 200)]
    [InlineData("If-Unmodified-Since: Mon, 20 Feb 2090 15:00:00 GMT", 200)]
    [InlineData("If-Unmodified-Since: Mon, 20 Feb 1995 15:00:00 GMT", 200)]
    [InlineData("If-Unmodified-Since: yesterday", 200)]
    [InlineData("If-Match: {tag}|If-Unmodified-Since: Mon, 20 Feb 1995 15:00:00 GMT", 200)]
    [InlineData("If-Match: {tag}|If-None-Match: {tag}", 304)]
    [InlineData("If-Match: \"x\"|If-None-Match: {tag}", 200)]
    [InlineData("If-Unmodified-Since: Mon, 20 Feb 1995 15:00:00 GMT|If-None-Match: {tag}", 200)]
    [InlineData("If-Unmodified-Since: Mon, 20 Feb 1995 15:00:00 GMT|If-Modified-Since: {date}", 200)]
    public void A_304_is_never_given_where_the_client_wants_another_copy_than_this(string headers, int status)
    {
        var cache = new CacheFixture();
        foreach (var purges in new[] { false, true })
        {
            var full = Get(cache, CacheFixture.Series);
            var tag = full["ETag"]!;
            if (purges)
            {
                cache.PurgeAll();
            }

            var conditions = headers.Replace("{tag-zstd}", tag[..^1] + "-zstd\"", StringComparison.Ordinal)
                .Replace("{tag}", tag, StringComparison.Ordinal).Replace("{date}", full["Last-Modified"], StringComparison.Ordinal).Split('|');
            var response = Get(cache, CacheFixture.Series, conditions);

            response.Status.Should().Be(status);
            (response.Body is null).Should().Be(status != 200);
        }
    }

    /// <summary>Series and files are large enough to be coded, tags are not.</summary>
    private static FakeExchange Get(CacheFixture cache, string target, params string[] headers) => cache.Serve(new FakeExchange(target, headers)
    {
        Origin = t =>
        {
            using var response = cache.Ask(t);
            return new FakeResponse(t == CacheFixture.Tags ? [.. response.Body] : [.. response.Body, .. new byte[4096]], cache.Origin.Ledger, "application/json");
        },
    });

    private static string Written(Random random, string tag) => random.Next(4) switch
    {
        0 => "W/" + Quoted(tag),
        1 => Opaque(tag),
        _ => Quoted(tag),
    };

    private static string Quoted(string tag) => '"' + Opaque(tag) + '"';

    private static string Opaque(string tag) => tag.Replace("W/", "", StringComparison.Ordinal).Trim('"');
}
