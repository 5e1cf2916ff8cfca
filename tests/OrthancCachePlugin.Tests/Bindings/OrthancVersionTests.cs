using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Bindings;
using Xunit;

namespace OrthancCachePlugin.Tests.Bindings;

public class OrthancVersionTests
{
    [Theory]
    [InlineData("1.10.1", 1, 10, 1)]
    [InlineData("1.12.7-local", 1, 12, 7)]
    [InlineData("0.0.0", 0, 0, 0)]
    [InlineData("9999.9999.9999", 9999, 9999, 9999)]
    [InlineData("1.2.12345", 1, 2, 1234)]
    public void Three_numbers_are_read_and_what_follows_is_not(string text, int major, int minor, int revision) =>
        OrthancVersion.Parse(Encoding.UTF8.GetBytes(text)).Should().Be(new OrthancVersion(major, minor, revision));

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.12")]
    [InlineData("1.12.")]
    [InlineData("12345.1.1")]
    [InlineData("-1.2.3")]
    [InlineData("Mainline")]
    [InlineData("mainline2")]
    public void What_is_no_version_is_too_old(string text) =>
        OrthancVersion.Parse(Encoding.UTF8.GetBytes(text)).Should().BeLessThan(OrthancVersion.Oldest);

    [Fact]
    public void The_mainline_is_newer_than_any_number()
    {
        OrthancVersion mainline = OrthancVersion.Parse("mainline"u8);

        mainline.IsAtLeast(9999, 9999, 9999).Should().BeTrue();
        mainline.IsMainline.Should().BeTrue();
        mainline.ToString().Should().Be("mainline");
    }

    [Fact]
    public void Versions_compare_by_number_and_not_by_text()
    {
        new OrthancVersion(1, 9, 7).Should().BeLessThan(new OrthancVersion(1, 10, 0));
        new OrthancVersion(1, 12, 10).IsAtLeast(1, 12, 9).Should().BeTrue();
        new OrthancVersion(1, 12, 0).IsAtLeast(1, 12, 1).Should().BeFalse();
        new OrthancVersion(2, 0, 0).IsAtLeast(1, 99, 99).Should().BeTrue();
    }
}
