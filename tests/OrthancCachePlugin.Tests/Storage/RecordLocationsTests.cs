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
    public void Another_key_takes_the_place_and_is_not_taken_for_the_first()
    {
        const ulong first = 7, second = 7 | (1UL << 63);
        locations.Note(first, 64, 24);
        locations.Note(second, 128, 32);

        locations.TryFind(first, out _, out _).Should().BeFalse();
        locations.TryFind(second, out var address, out _).Should().BeTrue();
        address.Should().Be(128);
    }

    [Fact]
    public void What_was_forgotten_is_not_found()
    {
        locations.Note(7, 64, 24);
        locations.Forget(7);

        locations.TryFind(7, out _, out _).Should().BeFalse();
    }
}
