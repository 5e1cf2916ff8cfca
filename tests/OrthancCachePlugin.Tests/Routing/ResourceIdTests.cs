using System.Text;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Routing;

public sealed class ResourceIdTests
{
    private const string Text = "f689ddd2-662f8fe1-8b18180d-ec2a2cee-937917af";

    [Fact]
    public void Reads_and_writes_both_forms()
    {
        ResourceId.TryParse(Encoding.ASCII.GetBytes(Text), out var id).Should().BeTrue();
        id.ToString().Should().Be(Text);

        var bytes = new byte[ResourceId.Size];
        id.CopyTo(bytes);
        Convert.ToHexString(bytes).ToLowerInvariant().Should().Be(Text.Replace("-", ""));
        ResourceId.Read(bytes).Should().Be(id);
    }

    [Theory]
    [InlineData("")]
    [InlineData("f689ddd2-662f8fe1-8b18180d-ec2a2cee-937917a")]
    [InlineData("f689ddd2-662f8fe1-8b18180d-ec2a2cee-937917af0")]
    [InlineData("F689DDD2-662f8fe1-8b18180d-ec2a2cee-937917af")]
    [InlineData("f689ddd2_662f8fe1-8b18180d-ec2a2cee-937917af")]
    [InlineData("f689ddd2-662f8fe1-8b18180d-ec2a2cee-937917ag")]
    [InlineData("f689ddd2662f8fe1-8b18180d-ec2a2cee-937917af-")]
    [InlineData("../etc/pa-662f8fe1-8b18180d-ec2a2cee-937917af")]
    public void Nothing_but_the_exact_form_is_an_identifier(string text) =>
        ResourceId.TryParse(Encoding.ASCII.GetBytes(text), out _).Should().BeFalse();
}
