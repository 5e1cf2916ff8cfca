using FluentAssertions;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Http;
using Xunit;

namespace OrthancCachePlugin.Tests.Administration;

/// <summary>Who may change something: our page and whoever is no browser, but no page of another site.</summary>
public sealed class CrossSiteGuardTests
{
    [Theory]
    [InlineData("", true)] // curl
    [InlineData("content-type=application/x-www-form-urlencoded", true)] // curl -d
    [InlineData("sec-fetch-site=same-origin|origin=http://pacs:8042", true)]
    [InlineData("sec-fetch-site=none", true)]
    [InlineData("sec-fetch-site=same-site", false)]
    [InlineData("sec-fetch-site=cross-site", false)]
    [InlineData("sec-fetch-site=cross-site|x-requested-with=response-cache", false)]
    [InlineData("origin=http://pacs:8042|x-requested-with=response-cache", true)]
    [InlineData("origin=http://pacs:8042|content-type=application/json; charset=utf-8", true)]
    [InlineData("origin=http://evil.example", false)]
    [InlineData("origin=null", false)]
    [InlineData("origin=http://evil.example|content-type=text/plain", false)]
    [InlineData("origin=http://evil.example|content-type=multipart/form-data", false)]
    [InlineData("origin=http://evil.example|content-type=text/plain; application/json", false)]
    public void A_change_needs_what_no_other_site_can_send(string headers, bool isAllowed)
    {
        var request = new AdminRequest
        {
            Method = HttpMethod.Post,
            Path = "/warm",
            Headers = headers.Split('|', StringSplitOptions.RemoveEmptyEntries)
                .Select(h => h.Split('=', 2)).ToDictionary(h => h[0].Trim(), h => h[1]),
        };

        CrossSiteGuard.Allows(request).Should().Be(isAllowed);
        CrossSiteGuard.Allows(request with { Method = HttpMethod.Delete }).Should().Be(isAllowed);
        CrossSiteGuard.Allows(request with { Method = HttpMethod.Get }).Should().BeTrue();
    }
}
