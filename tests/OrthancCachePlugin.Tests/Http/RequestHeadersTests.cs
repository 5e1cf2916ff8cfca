using System.Text;
using System.Text.RegularExpressions;
using FluentAssertions;
using OrthancCachePlugin.Core.Http;
using Xunit;

namespace OrthancCachePlugin.Tests.Http;

public sealed class RequestHeadersTests
{
    [Fact]
    public void Each_header_has_the_name_of_its_member()
    {
        foreach (var header in Enum.GetValues<RequestHeader>())
        {
            var name = Regex.Replace(header.ToString(), "(?<=.)(?=[A-Z])", "-").ToLowerInvariant();

            RequestHeaders.TryParse(Encoding.ASCII.GetBytes(name), out var found).Should().BeTrue("it is {0}", name);
            found.Should().Be(header);
        }

        Enum.GetValues<RequestHeader>().Should().HaveCount(RequestHeaders.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("host")]
    [InlineData("ranges")]
    [InlineData("rangf")]
    [InlineData("acceps")]
    [InlineData("origin")]
    [InlineData("cache-controk")]
    [InlineData("accept-charset")]
    [InlineData("accept-encodinh")]
    [InlineData("accept-language")]
    [InlineData("if-unmodified-sincf")]
    [InlineData("if-matcg")]
    [InlineData("if-range")]
    [InlineData("sec-fetch-modes")]
    [InlineData("content-length")]
    [InlineData("x-forwarded-f")]
    public void Any_other_name_is_none(string name)
    {
        RequestHeaders.TryParse(Encoding.ASCII.GetBytes(name), out _).Should().BeFalse();
    }
}
