using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Freshness;

public sealed class ChildSetTests
{
    [Fact]
    public void Contains_whatever_was_added_in_any_order()
    {
        var builder = new ChildSet.Builder(100);
        ulong[] words = [7, 3, 0xffff_ffff, 0, 5, 3, 0x1_0000_0007];
        Array.ForEach(words, w => builder.TryAdd(new ResourceId(w, 0, 0)).Should().BeTrue());
        var set = builder.Build();
        set.Count.Should().Be(words.Length);
        words.Should().OnlyContain(w => set.MayContain(w));
        set.MayContain(4).Should().BeFalse();
    }

    [Fact]
    public void Takes_no_more_than_its_limit()
    {
        var builder = new ChildSet.Builder(1);
        builder.TryAdd(default).Should().BeTrue();
        builder.TryAdd(default).Should().BeFalse();
    }

    [Fact]
    public void An_empty_one_contains_nothing() => new ChildSet.Builder(1).Build().MayContain(0).Should().BeFalse();
}
