using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Hashing;
using Xunit;

namespace OrthancCachePlugin.Tests.Hashing;

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
}
