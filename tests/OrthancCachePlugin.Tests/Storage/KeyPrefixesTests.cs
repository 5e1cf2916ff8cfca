using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class KeyPrefixesTests
{
    [Fact]
    public void Selects_what_begins_with_one_of_many()
    {
        byte[][] prefixes = [.. Enumerable.Range(0, 300).Where(i => i % 3 == 0).Select(i => new[] { (byte)(i >> 8), (byte)i })];
        Random.Shared.Shuffle(prefixes);
        var keys = new KeyPrefixes(prefixes);

        for (var i = 0; i < 600; i++)
        {
            keys.Match([(byte)(i >> 8), (byte)i, 7]).Should().Be(i < 300 && i % 3 == 0, $"{i}");
        }

        keys.Match([0]).Should().BeFalse("it is shorter");
        keys.Match([0, 3]).Should().BeTrue("it is as long");
        keys.AreAll.Should().BeFalse();
    }

    [Fact]
    public void An_empty_prefix_selects_all_and_no_prefix_selects_nothing()
    {
        KeyPrefixes.Of([]).AreAll.Should().BeTrue();
        KeyPrefixes.All.Match([]).Should().BeTrue();
        KeyPrefixes.All.Match([1, 2]).Should().BeTrue();
        new KeyPrefixes([]).Match([1]).Should().BeFalse();
        new KeyPrefixes([]).AreAll.Should().BeFalse();
    }
}
