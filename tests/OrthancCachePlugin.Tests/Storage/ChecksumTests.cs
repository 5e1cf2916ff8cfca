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

    [Fact]
    public void The_tables_say_what_the_processor_says()
    {
        const int Seed = 20261121;
        var random = new Random(Seed);
        for (var i = 0; i < 10_000; i++)
        {
            var crc = (uint)random.NextInt64(1L << 32);
            var word = (ulong)random.NextInt64(long.MinValue, long.MaxValue);

            Crc32C.AppendByTables(crc, word).Should().Be(System.Numerics.BitOperations.Crc32C(crc, word), "of {0:x8} and {1:x16}, seed {2}", crc, word, Seed);
        }
    }
}
