using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class ChecksumTests
{
    [Fact]
    public void Short_input_gives_the_standard_CRC_32C() =>
        (~Checksum.Append(Checksum.Start, Encoding.ASCII.GetBytes("123456789"))).Should().Be(0xE3069283);

    [Theory]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1024)]
    [InlineData(4096)]
    [InlineData(5000)]
    public void Every_single_bit_matters(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        var sum = Checksum.Append(Checksum.Start, bytes);
        for (var bit = 0; bit < size * 8; bit += 13)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Checksum.Append(Checksum.Start, bytes).Should().NotBe(sum);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
