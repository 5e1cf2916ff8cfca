using FluentAssertions;
using OrthancCachePlugin.Tests.Fakes;
using Xunit;

namespace OrthancCachePlugin.Tests.Serving;

/// <summary>What is not known to be complete is sent, and that is all.</summary>
public sealed class IncompleteResponseTests
{
    private readonly CacheFixture _cache = new();

    public static TheoryData<string> Targets => [CacheFixture.Series, CacheFixture.Tags, CacheFixture.File, CacheFixture.Archive];

    [Theory]
    [MemberData(nameof(Targets))]
    public void It_has_no_validators_and_neither_we_nor_clients_may_store_it(string target)
    {
        _cache.IsComplete = false;
        foreach (var response in (FakeExchange[])[_cache.Get(target), _cache.Get(target, "If-None-Match: *")])
        {
            response.Status.Should().Be(200);
            response["Cache-Status"].Should().Be("response-cache; fwd=miss; detail=incomplete");
            response["Cache-Control"].Should().Be("no-store");
            new[] { "ETag", "Last-Modified", "Expires" }.Select(h => response[h]).Should().OnlyContain(v => v == null);
            _cache.Store.Entries.Should().BeEmpty();
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Its_date_does_not_confirm_it_once_it_is_complete(string target)
    {
        _cache.IsComplete = false;
        var date = _cache.Get(target)["Date"];
        _cache.IsComplete = true;

        _cache.Get(target, $"If-Modified-Since: {date}").Status.Should().Be(200);
        _cache.Time.AdvanceSeconds(10);
        _cache.Get(target, $"If-Modified-Since: {date}").Status.Should().Be(200);
        _cache.Get(target)["ETag"].Should().NotBeNull();
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Who_holds_the_complete_one_is_told_so_meanwhile(string target)
    {
        var complete = _cache.Get(target)["ETag"];
        _cache.Store.Entries.Clear();
        _cache.IsComplete = false;

        _cache.Get(target, $"If-None-Match: {complete}").Status.Should().Be(304);
        _cache.Get(target, "If-None-Match: \"other\"").Status.Should().Be(200);
    }

    [Fact]
    public void Who_waits_for_it_asks_for_himself()
    {
        _cache.IsComplete = false;
        FakeExchange? second = null;
        var first = new FakeExchange(CacheFixture.Series)
        {
            Origin = target =>
            {
                var waiting = new Thread(() => second = _cache.Get(CacheFixture.Series));
                waiting.Start();
                SpinWait.SpinUntil(() => waiting.ThreadState == ThreadState.WaitSleepJoin);
                _waiting = waiting;
                return _cache.Ask(target);
            },
        };

        _cache.Serve(first);
        _waiting!.Join();

        second!.Asked.Should().ContainSingle();
        second["ETag"].Should().BeNull();
    }

    private Thread? _waiting;
}
