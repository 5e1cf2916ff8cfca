using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Http;
using Xunit;

namespace OrthancCachePlugin.Tests.Http;

public sealed class Digest128Tests
{
    [Fact]
    public void The_digits_are_those_of_its_binary_form()
    {
        var random = new Random(20261121);
        var bytes = new byte[Digest128.Size];
        var digits = new byte[2 * Digest128.Size];
        for (var i = 0; i < 1000; i++)
        {
            random.NextBytes(bytes);

            Digest128.Read(bytes).FormatHex(digits);

            Encoding.ASCII.GetString(digits).Should().Be(Convert.ToHexStringLower(bytes));
        }
    }

    /// <summary>Entity tags of earlier runs stay good: the hash does not change unnoticed.</summary>
    [Theory]
    [InlineData("", "7f498d4624c30160d8984701d306aa99")]
    [InlineData("abc", "50392f89945faf7885613a73b65ab006")]
    public void Gives_the_same_digest_on_every_machine(string text, string expected)
    {
        var digits = new byte[2 * Digest128.Size];

        Digest128.Of(Encoding.ASCII.GetBytes(text)).FormatHex(digits);

        Encoding.ASCII.GetString(digits).Should().Be(expected);
    }

    [Fact]
    public void Differs_for_each_length_each_byte_and_each_secret()
    {
        var digests = new HashSet<Digest128>();
        for (var length = 0; length < 64; length++)
        {
            digests.Add(Digest128.Of(new byte[length])).Should().BeTrue();
            digests.Add(Digest128.Of(new byte[length], 7)).Should().BeTrue();
            for (var i = 0; i < length; i++)
            {
                var bytes = new byte[length];
                bytes[i] = 1;
                digests.Add(Digest128.Of(bytes)).Should().BeTrue();
            }
        }
    }
}
