using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class KeyHashTests
{
    [Fact]
    public void Keys_that_differ_in_one_bit_or_in_length_differ()
    {
        var seen = new HashSet<ulong>();
        for (var length = 0; length < 70; length++)
        {
            var key = new byte[length];
            seen.Add(KeyHash.Compute(key, 1)).Should().BeTrue();
            for (var bit = 0; bit < length * 8; bit++)
            {
                key[bit / 8] ^= (byte)(1 << (bit % 8));
                seen.Add(KeyHash.Compute(key, 1)).Should().BeTrue();
                key[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Fact]
    public void Another_seed_gives_another_hash() => KeyHash.Compute([1, 2], 1).Should().NotBe(KeyHash.Compute([1, 2], 2));
}
