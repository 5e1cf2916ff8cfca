using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class RecordLocationsTests
{
    private readonly RecordLocations locations = new(1024);

    [Theory]
    [InlineData(64, 24)]
    [InlineData(8, 65_528)]
    [InlineData((16L << 40) - 8, 1_904)]
    public void What_was_noted_is_found(long address, int size)
    {
        locations.Note(ulong.MaxValue, address, size);

        locations.TryFind(ulong.MaxValue, out var foundAddress, out var foundSize).Should().BeTrue();

        foundAddress.Should().Be(address);
        foundSize.Should().Be(size);
    }

    [Theory]
    [InlineData(64, 65_536)]
    [InlineData(16L << 40, 24)]
    public void What_has_no_room_in_a_slot_is_not_noted(long address, int size)
    {
        locations.Note(5, address, size);

        locations.TryFind(5, out _, out _).Should().BeFalse();
    }

    [Fact]
    public void Keys_of_one_set_keep_their_places_beside_each_other()
    {
        for (var i = 0UL; i < 8; i++)
        {
            locations.Note(HashOf(i), 64 + (long)(8 * i), 24);
        }

        for (var i = 0UL; i < 8; i++)
        {
            locations.TryFind(HashOf(i), out var address, out _).Should().BeTrue();
            address.Should().Be(64 + (long)(8 * i));
        }
    }

    [Fact]
    public void A_key_more_than_a_set_holds_takes_the_place_of_another_and_is_not_taken_for_it()
    {
        for (var i = 0UL; i < 9; i++)
        {
            locations.Note(HashOf(i), 64 + (long)(8 * i), 24);
        }

        locations.TryFind(HashOf(8), out var last, out _).Should().BeTrue();
        last.Should().Be(128);
        var found = Enumerable.Range(0, 8).Count(i =>
        {
            var isFound = locations.TryFind(HashOf((ulong)i), out var address, out _);
            if (isFound)
            {
                address.Should().Be(64 + (8 * i));
            }

            return isFound;
        });
        found.Should().Be(7);
    }

    [Fact]
    public void A_key_that_is_noted_again_leaves_the_others_alone()
    {
        locations.Note(HashOf(1), 64, 24);
        locations.Note(HashOf(2), 72, 24);
        for (var i = 0; i < 20; i++)
        {
            locations.Note(HashOf(2), 80 + (8 * i), 24);
        }

        locations.TryFind(HashOf(1), out var first, out _).Should().BeTrue();
        locations.TryFind(HashOf(2), out var second, out _).Should().BeTrue();
        first.Should().Be(64);
        second.Should().Be(80 + (8 * 19));
    }

    [Fact]
    public void A_table_that_is_full_to_a_third_has_a_place_for_nearly_every_key()
    {
        var random = new Random(4711);
        var hashes = Enumerable.Range(0, 1024 / 3).Select(_ => (ulong)random.NextInt64()).ToArray();
        for (var i = 0; i < hashes.Length; i++)
        {
            locations.Note(hashes[i], 64 + (8 * i), 24);
        }

        hashes.Count(hash => locations.TryFind(hash, out _, out _)).Should().BeGreaterThan(hashes.Length * 97 / 100);
    }

    [Fact]
    public void What_was_forgotten_is_not_found()
    {
        locations.Note(7, 64, 24);
        locations.Forget(7);

        locations.TryFind(7, out _, out _).Should().BeFalse();
    }

    /// <summary>The hash of another key, in the same set for all numbers below 1,024.</summary>
    private static ulong HashOf(ulong number) => 7 | (number << 54);
}
