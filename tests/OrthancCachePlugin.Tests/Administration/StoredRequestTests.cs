using FluentAssertions;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Tests.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.Administration;

/// <summary>A key is read back into the request that it was made of.</summary>
public sealed class StoredRequestTests
{
    [Theory]
    [InlineData("shared-tags", "shared-tags")]
    [InlineData("shared-tags?short", "shared-tags?short")]
    [InlineData("instances-tags?simplify&ignore-length=0010-0010", "instances-tags?ignore-length=0010-0010&simplify")]
    [InlineData("attachments?full", "attachments?full")]
    public void A_request_is_read_back(string route, string expected)
    {
        var key = KeyOf(route);

        StoredRequest.TryRead(key, out var request).Should().BeTrue();

        request.Text.Should().Be(expected);
        request.Resource.Should().Be(Resources.Study(7));
        request.Accept.Should().BeEmpty();
        request.Version.Should().Be(new Digest128(3, 4));
    }

    [Fact]
    public void No_part_of_a_key_is_a_key_and_no_byte_of_it_breaks_anything()
    {
        var key = KeyOf("instances-tags?ignore-length=0010-0010");
        for (var length = 0; length < key.Length; length++)
        {
            StoredRequest.TryRead(key.AsSpan(0, length), out _).Should().BeFalse();
        }

        for (var i = 0; i < key.Length; i++)
        {
            foreach (var value in (byte[])[0, 1, 127, 255])
            {
                var damaged = (byte[])key.Clone();
                damaged[i] = value;
                _ = StoredRequest.TryRead(damaged, out _); // true or false, but it returns
            }
        }
    }

    private static byte[] KeyOf(string route)
    {
        var exchange = new WarmUpExchange(new TextOrigin(), new WarmUpRoute(route), Resources.Study(7));
        RouteTable.TryMatch(exchange.Path, out var match).Should().BeTrue();
        var buffer = new byte[RequestKey.MaximumSize];
        RequestKey.TryBuild(exchange, match, Resources.Study(7), new IgnoredArguments([]), buffer, out var key)
            .Should().Be(RequestDecision.Cacheable);
        return key.WithVersion(new Digest128(1, 2), new Digest128(3, 4)).ToArray();
    }
}
