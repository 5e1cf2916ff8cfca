using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.Model;

namespace OrthancCachePlugin.Tests.Serving;

/// <summary>What was on its way when its resource was purged is served, and is not stored behind the purge.</summary>
public sealed class PurgeTests : IDisposable
{
    private readonly CacheFixture _cache = new();

    public void Dispose()
    {
        _cache.Store.Drain(TimeSpan.Zero);
        _cache.Origin.Ledger.Outstanding.Should().Be(0, "every response of the origin is given back");
        _cache.Store.Outstanding.Should().Be(0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Regression_a_response_that_is_computed_while_its_resource_is_purged_is_served_and_not_stored(bool isAll)
    {
        var exchange = Get(whileComputed: () =>
        {
            if (isAll)
            {
                _cache.PurgeAll();
            }
            else
            {
                _cache.Purge(Tree.Series[0]);
            }
        });

        exchange.Status.Should().Be(200);
        exchange["Cache-Status"].Should().Be("response-cache; fwd=miss", "it is not stored");
        exchange["ETag"].Should().NotBeNull("it is as right as ever");
        _cache.Store.Entries.Should().BeEmpty();
        _cache.Get(CacheFixture.Series)["Cache-Status"].Should().Be("response-cache; fwd=miss; stored", "what is asked for afterwards is stored");
        _cache.Get(CacheFixture.Series)["Cache-Status"].Should().Be("response-cache; hit");
    }

    [Fact]
    public void A_purge_of_another_resource_changes_nothing()
    {
        Get(whileComputed: () => _cache.Purge(Tree.Instances[0]))["Cache-Status"].Should().Be("response-cache; fwd=miss; stored");

        _cache.Store.Entries.Should().ContainSingle();
    }

    [Fact]
    public void Regression_a_response_that_waits_to_be_written_while_its_resource_is_purged_is_not_written()
    {
        _cache.Store.IsLazy = true;
        _cache.Get(CacheFixture.Series);
        _cache.Purge(Tree.Series[0]);

        _cache.Store.Drain(TimeSpan.Zero);

        _cache.Store.Entries.Should().BeEmpty();
    }

    [Fact]
    public void Regression_what_is_asked_for_after_a_purge_shares_no_response_from_before_it()
    {
        _cache.Store.IsLazy = true; // the first response is on its way to the disk all the time
        _cache.Get(CacheFixture.Series);
        _cache.Get(CacheFixture.Series)["Cache-Status"].Should().Be("response-cache; hit; detail=collapsed");

        _cache.Purge(Tree.Series[0]);

        var after = _cache.Get(CacheFixture.Series);
        after["Cache-Status"].Should().Be("response-cache; fwd=miss; stored");
        after.Asked.Should().ContainSingle();
    }

    [Fact]
    public void Regression_who_waits_for_a_response_that_is_computed_during_a_purge_gets_it()
    {
        using var computing = new ManualResetEventSlim();
        using var purged = new ManualResetEventSlim();
        _cache.Store.IsLazy = true;
        var leader = new Thread(() => Get(whileComputed: () =>
        {
            computing.Set();
            purged.Wait();
        }));
        leader.Start();
        computing.Wait();
        FakeExchange? follower = null;
        var second = new Thread(() => follower = _cache.Get(CacheFixture.Series));
        second.Start();

        _cache.Purge(Tree.Series[0]);
        purged.Set();
        leader.Join();
        second.Join();

        follower!.Status.Should().Be(200);
        follower.Text.Should().Be("0:1,1:2");
        _cache.Store.Drain(TimeSpan.Zero);
        _cache.Store.Entries.Should().HaveCount(follower["Cache-Status"] == "response-cache; hit; detail=collapsed" ? 0 : 1);
    }

    private FakeExchange Get(Action whileComputed) => _cache.Serve(new FakeExchange(CacheFixture.Series)
    {
        Origin = target =>
        {
            var response = _cache.Ask(target);
            whileComputed();
            return response;
        },
    });
}
