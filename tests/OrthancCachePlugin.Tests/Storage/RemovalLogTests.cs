using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class RemovalLogTests
{
    private readonly RemovalLog log = new();

    [Fact]
    public void A_key_is_taken_by_what_was_removed_after_the_position_alone()
    {
        log.MayHaveRemoved(log.Position, [1]).Should().BeFalse();
        var before = log.Position;
        log.Add(KeyPrefixes.Of([1]));
        var between = log.Position;
        log.Add(KeyPrefixes.Of([2]));

        log.MayHaveRemoved(before, [1, 7]).Should().BeTrue();
        log.MayHaveRemoved(before, [2, 7]).Should().BeTrue();
        log.MayHaveRemoved(before, [3, 7]).Should().BeFalse();
        log.MayHaveRemoved(between, [1, 7]).Should().BeFalse();
        log.MayHaveRemoved(between, [2, 7]).Should().BeTrue();
        log.MayHaveRemoved(log.Position, [2, 7]).Should().BeFalse();
    }

    [Fact]
    public void What_is_older_than_its_memory_counts_as_taken()
    {
        var before = log.Position;
        log.Add(KeyPrefixes.Of([1]));
        var after = log.Position;
        for (var i = 0; i < RemovalLog.MaximumPrefixes; i++)
        {
            log.Add(KeyPrefixes.Of([2]));
        }

        log.MayHaveRemoved(before, [3]).Should().BeTrue("nobody knows any more");
        log.MayHaveRemoved(after, [3]).Should().BeFalse();
        log.MayHaveRemoved(after, [2]).Should().BeTrue();
    }

    [Fact]
    public void A_removal_that_is_larger_than_its_memory_takes_all_that_is_older()
    {
        var before = log.Position;
        log.Add(new KeyPrefixes([.. Enumerable.Range(0, RemovalLog.MaximumPrefixes + 1).Select(i => BitConverter.GetBytes(i))]));

        log.MayHaveRemoved(before, "x"u8).Should().BeTrue();
        log.MayHaveRemoved(log.Position, "x"u8).Should().BeFalse();
        log.MayHaveRemoved(before + 1, BitConverter.GetBytes(1)).Should().BeFalse();
    }

    /// <summary>Against a list of all removals.</summary>
    [Fact]
    public void It_never_says_no_where_a_key_was_taken()
    {
        var random = new Random(4711);
        var all = new List<KeyPrefixes>();
        for (var i = 0; i < 2000; i++)
        {
            byte[][] prefixes = [.. Enumerable.Range(0, random.Next(60)).Select(_ => new[] { (byte)random.Next(256) })];
            var keys = random.Next(200) == 0 ? KeyPrefixes.All : new KeyPrefixes(prefixes);
            all.Add(keys);
            log.Add(keys);
            log.Position.Should().Be(all.Count);
            var since = random.Next(all.Count + 1);
            byte[] key = [(byte)random.Next(256), 0];
            var isTaken = all.Skip(since).Any(k => k.Match(key));
            (log.MayHaveRemoved(since, key) || !isTaken).Should().BeTrue();
            if (i - since < 100)
            {
                log.MayHaveRemoved(since, key).Should().Be(isTaken, "what is young is known exactly");
            }
        }
    }
}
