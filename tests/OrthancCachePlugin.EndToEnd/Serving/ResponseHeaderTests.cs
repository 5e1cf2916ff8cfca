using System.Globalization;

namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>The headers that a client gets with every 200 and every 304.</summary>
public sealed class ResponseHeaderTests(CacheServers servers) : IClassFixture<CacheServers>
{
    private const int Week = 604800;

    [Theory]
    [MemberData(nameof(Templates.AllData), MemberType = typeof(Templates))]
    public void A_200_and_its_304_carry_all_of_them(string template)
    {
        var target = servers.Target(template);
        var full = servers.Validated(target);

        AssertHeaders(full);
        full.Status.Should().Be(200);

        var notModified = servers.Ours.Client.Get(target, ("If-None-Match", full.ETag!));
        notModified.Status.Should().Be(304);
        notModified.Body.Should().BeEmpty();
        AssertHeaders(notModified);
        notModified.ETag.Should().Be(full.ETag);
        notModified["Last-Modified"].Should().Be(full["Last-Modified"]);
    }

    [Theory]
    [MemberData(nameof(Templates.StoredData), MemberType = typeof(Templates))]
    public void A_hit_has_the_validators_of_the_miss_and_its_own_date(string template)
    {
        var target = servers.Target(template, patient: 2);
        var first = servers.Validated(target);

        var hit = servers.Hit(target);

        AssertHeaders(hit);
        hit.ETag.Should().Be(first.ETag);
        hit["Last-Modified"].Should().Be(first["Last-Modified"]);
    }

    [Fact]
    public void Archives_have_weak_validators_because_their_bytes_hold_the_time() =>
        servers.Validated(servers.Target("/studies/{study}/archive")).ETag.Should().StartWith("W/\"");

    [Fact]
    public void Different_requests_and_representations_have_different_tags()
    {
        var target = servers.Target("/studies/{study}/shared-tags");
        string?[] tags =
        [
            servers.Validated(target).ETag,
            servers.Validated(target + "?simplify").ETag,
            servers.Validated(target + "?short").ETag,
            servers.Validated(target, ("Accept", "application/xml")).ETag,
            servers.Validated(servers.Target("/patients/{patient}/shared-tags")).ETag,
            servers.Validated(servers.Target("/series/{series}/shared-tags")).ETag,
            servers.Validated(servers.Target("/studies/{study}/instances-tags")).ETag,
        ];

        tags.Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void The_order_of_query_arguments_and_a_time_stamp_do_not_change_the_tag()
    {
        var target = servers.Target("/studies/{study}/instances-tags");

        var tag = servers.Validated(target + "?simplify&short").ETag;

        servers.Validated(target + "?short&simplify").ETag.Should().Be(tag);
        servers.Validated(target + "?simplify&_=1&short").ETag.Should().Be(tag);
    }

    [Fact]
    public void Other_routes_of_Orthanc_get_no_headers_of_ours()
    {
        foreach (var target in (string[])["/system", "/studies", servers.Target("/studies/{study}"), servers.Target("/instances/{instance}/metadata/ReceptionDate")])
        {
            servers.Ours.Client.Get(target).CacheStatus.Should().BeEmpty();
        }
    }

    private static void AssertHeaders(HttpResponse response)
    {
        var date = response.Date("Date");
        date.Should().NotBeNull();
        response.LastModified.Should().NotBeNull();
        response.LastModified.Should().BeOnOrBefore(date!.Value);
        response.ETag.Should().MatchRegex("^(W/)?\"[\\x21\\x23-\\x7e]+\"$");
        response["Cache-Control"].Should().Be(string.Create(CultureInfo.InvariantCulture, $"max-age={Week}, s-maxage={Week}, public, no-cache"));
        response.Date("Expires").Should().Be(date.Value.AddSeconds(Week));
        response["Vary"].Should().Be("Accept, Accept-Encoding");
        response.CacheStatus.Should().StartWith("response-cache; ");
    }
}
