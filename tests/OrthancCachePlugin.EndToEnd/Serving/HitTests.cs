using OrthancCachePlugin.EndToEnd.Comparison;

namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>What is stored, under which key, and how a response says so.</summary>
public sealed class HitTests(CacheServers servers) : IClassFixture<CacheServers>
{
    [Theory]
    [MemberData(nameof(Templates.StoredData), MemberType = typeof(Templates))]
    public void The_second_request_is_a_hit_with_the_same_response(string template)
    {
        // Shared tags bring those of the instances with them.
        var target = servers.Target(template, patient: template.EndsWith("/shared-tags", StringComparison.Ordinal) ? 4 : 2);

        var first = servers.Ours.Client.Get(target);
        var hit = servers.Hit(target);

        if (!template.EndsWith("tags", StringComparison.Ordinal))
        {
            // Tags may be made of those that another request has asked for.
            first.IsHit.Should().BeFalse();
            first.CacheStatus.Should().StartWith("response-cache; fwd=");
        }

        hit.CacheStatus.Should().StartWith("response-cache; hit");
        hit.Status.Should().Be(200);
        hit.Body.Should().Equal(first.Body);
        hit["Content-Type"].Should().Be(first["Content-Type"]);
        ResponseComparison.Difference(target, hit, servers.Bare.Client.Get(target)).Should().BeNull();
    }

    [Theory]
    [MemberData(nameof(Templates.BinaryData), MemberType = typeof(Templates))]
    public void Binary_responses_are_not_stored(string template)
    {
        var target = servers.Target(template);

        for (var turn = 0; turn < 3; turn++)
        {
            var response = servers.Ours.Client.Get(target);

            response.Status.Should().Be(200);
            response.IsHit.Should().BeFalse();
            response.IsStored.Should().BeFalse();
            response.CacheStatus.Should().StartWith("response-cache; fwd=");
        }
    }

    [Fact]
    public void Query_arguments_in_another_order_are_the_same_request()
    {
        var target = servers.Target("/studies/{study}/instances-tags");
        servers.Hit(target + "?simplify&ignore-length=0010-0010&short");

        servers.Ours.Client.Get(target + "?short&ignore-length=0010-0010&simplify").IsHit.Should().BeTrue();
    }

    [Theory]
    [InlineData("_=1676905200000")]
    [InlineData("token=secret")]
    [InlineData("auth-token=secret")]
    [InlineData("authorization=secret")]
    public void A_time_stamp_or_token_in_the_query_is_not_part_of_the_request(string argument)
    {
        var target = servers.Target("/studies/{study}/shared-tags");
        servers.Hit(target + "?simplify");

        servers.Ours.Client.Get($"{target}?simplify&{argument}").IsHit.Should().BeTrue();
        servers.Ours.Client.Get($"{target}?{argument}&simplify").IsHit.Should().BeTrue();
    }

    [Fact]
    public void Each_query_and_each_representation_has_its_own_response()
    {
        var target = servers.Target("/studies/{study}/shared-tags");
        var bodies = new List<string>
        {
            servers.Hit(target).Text,
            servers.Hit(target + "?simplify").Text,
            servers.Hit(target + "?short").Text,
            servers.Hit(target, ("Accept", "application/xml")).Text,
            servers.Hit(target + "?simplify", ("Accept", "application/xml")).Text,
        };

        bodies.Should().OnlyHaveUniqueItems();
        servers.Hit(target, ("Accept", "application/xml"))["Content-Type"].Should().StartWith("application/xml");
        servers.Hit(target, ("Accept", "application/json"))["Content-Type"].Should().StartWith("application/json");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    [InlineData("gzip, deflate, br, zstd")]
    [InlineData("identity")]
    [InlineData("gzip;q=0")]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("zstd")]
    public void A_client_gets_an_encoding_that_it_asked_for_on_a_miss_and_on_a_hit(string acceptEncoding)
    {
        var target = servers.Target("/series/{series}/instances-tags");
        var plain = servers.Bare.Client.Get(target);

        HttpResponse[] responses = [servers.Ours.Client.Get(target, ("Accept-Encoding", acceptEncoding)), servers.Hit(target, ("Accept-Encoding", acceptEncoding))];

        foreach (var response in responses)
        {
            if (response["Content-Encoding"] is { } coding && coding != "zstd")
            {
                acceptEncoding.Should().Match(a => a.Contains(coding) || a.Contains('*')).And.NotContain(coding + ";q=0");
                ContentCoding.Decode(response).Body.Should().Equal(plain.Body);
            }
            else if (response["Content-Encoding"] == "zstd")
            {
                acceptEncoding.Should().Contain("zstd");
                ZstdTool.Decode(response.Body).Should().Equal(plain.Body);
            }
            else
            {
                response.Body.Should().Equal(plain.Body);
            }
        }
    }

    [Theory]
    [InlineData("no-cache")]
    [InlineData("no-store")]
    [InlineData("max-age=0")]
    [InlineData("only-if-cached")]
    [InlineData("nonsense=\"")]
    public void A_request_with_cache_directives_is_answered_with_the_right_body(string directive)
    {
        var target = servers.Target("/series/{series}/shared-tags");

        var response = servers.Ours.Client.Get(target, ("Cache-Control", directive));

        // only-if-cached allows a 504 where nothing is stored (RFC 9111 section 5.2.1.7).
        if (directive != "only-if-cached" || response.Status != 504)
        {
            ResponseComparison.Difference(target, response, servers.Bare.Client.Get(target)).Should().BeNull();
        }
    }

    [Fact]
    public void An_error_is_not_stored()
    {
        var target = "/studies/00000000-00000000-00000000-00000000-00000000/shared-tags";
        for (var turn = 0; turn < 3; turn++)
        {
            var response = servers.Ours.Client.Get(target);

            response.Status.Should().Be(404);
            response.IsHit.Should().BeFalse();
            response.IsStored.Should().BeFalse();
        }
    }

    [Fact]
    public void Sixteen_clients_at_once_get_the_same_right_response()
    {
        var target = servers.Target("/patients/{patient}/instances-tags?short");
        var expected = servers.Bare.Client.Get(target).Body;

        var responses = new HttpResponse[16];
        var threads = responses.Select((_, i) => new Thread(() => responses[i] = servers.Ours.Client.Get(target))).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());

        responses.Should().OnlyContain(a => a.Status == 200 && a.Body.SequenceEqual(expected));
    }
}
