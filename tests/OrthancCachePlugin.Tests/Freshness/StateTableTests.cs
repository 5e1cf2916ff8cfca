using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Freshness;

public sealed class StateTableTests
{
    [Fact]
    public void Finds_what_it_remembers_and_replaces_a_state_of_the_same_resource()
    {
        var table = new StateTable(16);
        var first = Make(1, 1);
        var second = Make(1, 2);
        table.Find(first.Resource).Should().BeNull();
        table.Remember(first).Should().BeNull();
        table.Find(first.Resource).Should().BeSameAs(first);
        table.Remember(second).Should().BeSameAs(first);
        table.Find(first.Resource).Should().BeSameAs(second);
    }

    [Fact]
    public void Levels_do_not_share_a_place()
    {
        var table = new StateTable(16);
        table.Remember(Make(1, 1));
        table.Find(new Resource(ResourceLevel.Study, new ResourceId(1, 0, 0))).Should().BeNull();
    }

    [Fact]
    public void Gives_up_one_state_where_a_set_is_full_and_says_which()
    {
        var table = new StateTable(4);
        var states = Enumerable.Range(0, 4).Select(i => Make((ulong)i, 0)).ToArray();
        Array.ForEach(states, s => table.Remember(s).Should().BeNull());
        var gone = table.Remember(Make(9, 0));
        gone.Should().NotBeNull();
        states.Single(s => table.Find(s.Resource) is null).Should().BeSameAs(gone);
    }

    [Fact]
    public void Regression_a_resource_has_one_place_however_many_threads_remember_it()
    {
        var table = new StateTable(4);
        using var start = new Barrier(4);
        var threads = Enumerable.Range(0, 4).Select(t => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < 1000; i++)
            {
                table.Remember(Make(1, (ulong)i));
            }
        })).ToArray();
        Array.ForEach(threads, t => t.Start());
        Array.ForEach(threads, t => t.Join());

        // Three others find a free place beside it.
        Enumerable.Range(5, 3).Select(i => table.Remember(Make((ulong)i, 0))).Should().OnlyContain(s => s == null);
    }

    private static ResourceState Make(ulong id, ulong version) =>
        new() { Resource = new Resource(ResourceLevel.Series, new ResourceId(id, 0, 0)), Digest = new Digest128(version, 0) };
}
