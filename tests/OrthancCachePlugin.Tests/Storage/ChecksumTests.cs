using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class ChecksumTests
{
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
        var sum = Checksum.Of(bytes);
        for (var bit = 0; bit < size * 8; bit += 13)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Checksum.Of(bytes).Should().NotBe(sum);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void Pieces_and_their_order_matter()
    {
        Checksum.Append(Checksum.Append(0, "ab"u8), "c"u8).Should().NotBe(Checksum.Append(Checksum.Append(0, "a"u8), "bc"u8));
        Checksum.Append(Checksum.Append(0, "a"u8), "b"u8).Should().NotBe(Checksum.Append(Checksum.Append(0, "b"u8), "a"u8));
        Checksum.Append(1, "a"u8).Should().NotBe(Checksum.Append(2, "a"u8));
    }
}
