using System.Text;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Tests.Http;

public sealed class EntityTagTests
{
    [Theory]
    [InlineData("\"abc\"")]
    [InlineData("W/\"abc\"")]
    [InlineData("abc")]
    [InlineData("  \"abc\"  ")]
    [InlineData("\"x\", \"abc\"")]
    [InlineData("\"x\",\"abc\",\"y\"")]
    [InlineData("W/\"x\" , W/\"abc\"")]
    [InlineData("x, abc")]
    [InlineData(",, ,\"abc\"")]
    [InlineData("\"a,b\", \"abc\"")]
    public void Names_our_tag(string field) => IsNamed(field).Should().BeTrue();

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData(",")]
    [InlineData("\"\"")]
    [InlineData("\"abc")]
    [InlineData("abc\"")]
    [InlineData("\"abcd\"")]
    [InlineData("\"abc-zstd\"")]
    [InlineData("W/\"abc-gzip\"")]
    [InlineData("abc-zstd")]
    [InlineData("\"x,abc,y\"")]
    [InlineData("\"ABC\"")]
    [InlineData("*")]
    [InlineData("W/*")]
    [InlineData("\"*\"")]
    [InlineData("\"x\" abc\"")]
    public void Does_not_name_our_tag(string field) => IsNamed(field).Should().BeFalse();

    [Theory]
    [InlineData("*", true)]
    [InlineData(" * ", true)]
    [InlineData("\"*\"", false)]
    [InlineData("W/*", false)]
    [InlineData("*, \"x\"", false)]
    [InlineData("", false)]
    public void The_star_stands_alone(string field, bool isAny) =>
        EntityTag.IsAny(Encoding.ASCII.GetBytes(field)).Should().Be(isAny);

    private static bool IsNamed(string field) => EntityTag.IsNamedBy(Encoding.ASCII.GetBytes(field), "abc"u8);
}
