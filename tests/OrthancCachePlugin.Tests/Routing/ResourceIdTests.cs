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

    [Fact]
    public void Any_other_byte_at_any_place_makes_it_no_identifier()
    {
        var good = "f689ddd2-662f8fe1-8b18180d-ec2a2cee-937917af"u8.ToArray();
        for (var place = 0; place < good.Length; place++)
        {
            for (var value = 0; value <= byte.MaxValue; value++)
            {
                var text = good.ToArray();
                text[place] = (byte)value;
                var isDigit = value is (>= '0' and <= '9') or (>= 'a' and <= 'f');
                var expected = place is 8 or 17 or 26 or 35 ? value == '-' : isDigit;

                ResourceId.TryParse(text, out var id).Should().Be(expected, "of byte {0} at {1}", value, place);
                if (expected)
                {
                    id.ToString().Should().Be(System.Text.Encoding.ASCII.GetString(text));
                }
            }
        }
    }
}
