using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Freshness;

public sealed class MutationLogTests
{
    private static readonly ResourceId One = new(0x10, 1, 1);
    private static readonly ResourceId Other = new(0x20, 1, 1);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Remembers_what_was_touched_since_a_position(bool deleted)
    {
        var log = new MutationLog(8);
        log.Add(One, deleted);
        log.Position.Should().Be(1);
        log.MayHaveTouched(0, One).Should().BeTrue();
        log.MayHaveTouched(0, Other).Should().BeFalse();
        log.MayHaveTouched(1, One).Should().BeFalse();
    }

    [Fact]
    public void Tells_deletions_from_other_mutations()
    {
        var log = new MutationLog(8);
        log.Add(One, deleted: false);
        log.MayHaveDeleted(0, Children(One)).Should().BeFalse();
        log.Deletions.Should().Be(0);
        log.Add(One, deleted: true);
        log.Deletions.Should().Be(1);
        log.MayHaveDeleted(0, Children(One)).Should().BeTrue();
        log.MayHaveDeleted(0, Children(Other)).Should().BeFalse();
        log.MayHaveDeleted(2, Children(One)).Should().BeFalse();
    }

    [Theory]
    [InlineData(0x10)]
    [InlineData(0x11)]
    public void The_bit_that_marks_deletions_hides_no_identifier(ulong word)
    {
        var log = new MutationLog(8);
        log.Add(new ResourceId(word, 0, 0), deleted: true);
        log.MayHaveDeleted(0, Children(new ResourceId(word, 0, 0))).Should().BeTrue();
    }

    [Fact]
    public void Regression_a_full_ring_is_perhaps_for_its_oldest_word_may_just_be_overwritten()
    {
        var log = new MutationLog(4);
        for (var i = 0; i < 3; i++)
        {
            log.Add(Other, deleted: true);
        }

        log.MayHaveTouched(0, One).Should().BeFalse();
        log.Add(Other, deleted: true);
        log.MayHaveTouched(0, One).Should().BeTrue();
        log.MayHaveDeleted(0, Children(One)).Should().BeTrue();
        log.MayHaveTouched(1, One).Should().BeFalse();
    }

    private static ChildSet Children(params ResourceId[] ids)
    {
        var builder = new ChildSet.Builder(16);
        Array.ForEach(ids, id => builder.TryAdd(id).Should().BeTrue());
        return builder.Build();
    }
}
