using System.Collections.Concurrent;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Threads;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.Model;

namespace OrthancCachePlugin.Tests.Serving;

public sealed class ResponseCacheTests : IDisposable
{
    private const string Hit = "response-cache; hit";
    private readonly CacheFixture _cache = new();

    public static TheoryData<string> Stored => [CacheFixture.Series, CacheFixture.Tags, CacheFixture.Metadata];

    public static TheoryData<string> All => [CacheFixture.Series, CacheFixture.Tags, CacheFixture.Metadata, CacheFixture.File, CacheFixture.Archive];

    public void Dispose()
    {
        _cache.Store.Drain(TimeSpan.Zero);
        _cache.Origin.Ledger.Outstanding.Should().Be(0, "every response of the origin is given back");
        _cache.Store.Outstanding.Should().Be(0);
    }

    [Theory]
    [MemberData(nameof(Stored))]
    public void The_second_request_is_a_hit_with_the_same_body_and_costs_the_origin_nothing(string target)
    {
        var first = _cache.Get(target);
        first["Cache-Status"].Should().Be("response-cache; fwd=miss; stored");
        var questions = _cache.Questions;

        var second = _cache.Get(target);
        second["Cache-Status"].Should().Be(Hit);
        second.Asked.Should().BeEmpty();
        _cache.Questions.Should().Be(questions);
        second.Body.Should().Equal(first.Body);
        second.ContentType.Should().Be(first.ContentType);
        new[] { "ETag", "Last-Modified", "Cache-Control", "Vary" }.Select(h => second[h]).Should().Equal(
            new[] { "ETag", "Last-Modified", "Cache-Control", "Vary" }.Select(h => first[h])).And.NotContainNulls();
        _cache.Cache.Counters.Hits.Should().Be(1);
        _cache.Cache.Counters.Misses.Should().Be(1);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_client_that_has_the_response_gets_304_for_nothing(string target)
    {
        var first = _cache.Get(target);
        string[] conditions = [$"If-None-Match: {first["ETag"]}", "If-None-Match: *", $"If-Modified-Since: {first["Last-Modified"]}"];
        foreach (var condition in target == CacheFixture.Archive ? conditions[..2] : conditions)
        {
            var again = _cache.Get(target, condition);
            again.Status.Should().Be(304, "of {0}", condition);
            again.Asked.Should().BeEmpty();
            again["ETag"].Should().Be(first["ETag"]);
            again["Last-Modified"].Should().Be(first["Last-Modified"]);
            again["Cache-Status"].Should().Be(Hit);
        }

        _cache.Cache.Counters.NotModified.Should().Be(target == CacheFixture.Archive ? 2 : 3);
    }

    [Theory]
    [InlineData(StoreRejection.TooLarge, "too-large")]
    [InlineData(StoreRejection.NotWorking, "no-store")]
    [InlineData(StoreRejection.Busy, "busy")]
    public void Regression_stored_is_said_of_nothing_that_the_store_refuses(StoreRejection rejection, string detail)
    {
        _cache.Store.Refusal = rejection;

        var first = _cache.Get(CacheFixture.Series);
        first["Cache-Status"].Should().Be($"response-cache; fwd=miss; detail={detail}");
        first["ETag"].Should().NotBeNull("it is as right as ever");
        first["Last-Modified"].Should().NotBeNull();
        var again = _cache.Get(CacheFixture.Series, $"If-None-Match: {first["ETag"]}");
        again.Status.Should().Be(304);
        _cache.Upload(0);
        _cache.Time.AdvanceSeconds(3);
        _cache.Get(CacheFixture.Series)["Cache-Status"].Should().Be($"response-cache; fwd=stale; detail={detail}");
        _cache.Store.Entries.Should().BeEmpty();

        _cache.Store.Refusal = StoreRejection.None;
        _cache.Get(CacheFixture.Series)["Cache-Status"].Should().EndWith("; stored");
        _cache.Get(CacheFixture.Series)["Cache-Status"].Should().Be(Hit);
    }

    [Fact]
    public void If_none_match_wins_over_if_modified_since()
    {
        var first = _cache.Get(CacheFixture.Series);
        _cache.Get(CacheFixture.Series, "If-None-Match: \"x\"", $"If-Modified-Since: {first["Last-Modified"]}").Status.Should().Be(200);
    }

    [Fact]
    public void A_change_is_stale_once_and_a_hit_again()
    {
        var first = _cache.Get(CacheFixture.Series);
        _cache.Upload(0);
        _cache.Time.AdvanceSeconds(3);
        var second = _cache.Get(CacheFixture.Series, $"If-None-Match: {first["ETag"]}");
        second.Status.Should().Be(200);
        second["Cache-Status"].Should().Be("response-cache; fwd=stale; stored");
        second.Text.Should().NotBe(first.Text);
        _cache.Get(CacheFixture.Series)["Cache-Status"].Should().Be(Hit);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void A_response_in_the_second_of_a_change_is_neither_stored_nor_given_validators(string target)
    {
        _cache.Upload(0);
        _cache.Origin.Annotate(Tree.Instances[0]);
        var racy = _cache.Get(CacheFixture.Series);
        racy["Cache-Status"].Should().Be("response-cache; fwd=miss; detail=unsettled");
        racy["ETag"].Should().BeNull();
        racy["Last-Modified"].Should().BeNull();
        _cache.Store.Entries.Should().BeEmpty();
        _cache.Time.AdvanceSeconds(3);
        _cache.Get(target)["ETag"].Should().NotBeNull();
    }

    [Fact]
    public void A_mutation_during_the_computation_means_answered_and_not_stored()
    {
        _cache.Get(CacheFixture.Series);
        _cache.Upload(0);
        _cache.Time.AdvanceSeconds(3);
        var exchange = new FakeExchange(CacheFixture.Series)
        {
            Origin = t =>
            {
                var response = _cache.Ask(t);
                _cache.Upload(1);
                return response;
            },
        };
        var entries = _cache.Store.Entries.Count;
        _cache.Serve(exchange)["ETag"].Should().BeNull();
        exchange.Status.Should().Be(200);
        _cache.Store.Entries.Should().HaveCount(entries);
    }

    [Fact]
    public void Errors_are_the_origins_and_carry_nothing_of_ours()
    {
        foreach (var headers in new string[][] { [], ["Range: bytes=0-1"] })
        {
            var exchange = _cache.Serve(new FakeExchange(CacheFixture.Series, headers) { Origin = _ => new FakeResponse(null, _cache.Origin.Ledger) });
            exchange.Status.Should().Be(404);
            exchange.Sent.Should().BeEmpty();
        }

        _cache.Store.Entries.Should().BeEmpty();
        _cache.Cache.Counters.Bypasses.Should().Be(1);
    }

    [Theory]
    [InlineData("/series/nobody/shared-tags", "identifier")]
    [InlineData("?unknown=1", "argument")]
    public void What_is_not_understood_is_left_to_the_origin(string target, string detail)
    {
        var exchange = new FakeExchange(target[0] == '?' ? CacheFixture.Series + target : target) { Origin = _ => new FakeResponse("x", _cache.Origin.Ledger) };
        _cache.Serve(exchange)["Cache-Status"].Should().Be($"response-cache; fwd=bypass; detail={detail}");
        exchange["ETag"].Should().BeNull();
        exchange.Text.Should().Be("x");
        _cache.Questions.Should().Be(0);
    }

    [Fact]
    public void Other_methods_and_other_paths_are_passed_on()
    {
        _cache.Serve(new FakeExchange(CacheFixture.Archive) { Method = HttpMethod.Post }).Status.Should().Be(-1);
        _cache.Serve(new FakeExchange("/elsewhere")).Status.Should().Be(-1);
    }

    [Fact]
    public void A_store_that_keeps_nothing_only_costs_hits()
    {
        _cache.Store.IsLazy = true;
        var first = _cache.Get(CacheFixture.Series);
        _cache.Get(CacheFixture.Series)["Cache-Status"].Should().Be("response-cache; hit; detail=collapsed", "it waits to be written");
        _cache.Get(CacheFixture.Series, $"If-None-Match: {first["ETag"]}").Status.Should().Be(304, "a 304 needs no store");
    }

    [Fact]
    public void A_store_that_throws_is_a_miss_and_one_line_in_the_log()
    {
        _cache.Store.Failure = new IOException("broken");
        for (var i = 0; i < 3; i++)
        {
            var exchange = _cache.Get(CacheFixture.Series);
            exchange.Status.Should().Be(200);
            exchange["Cache-Status"].Should().Be("response-cache; fwd=bypass; detail=failure");
        }

        _cache.Log.Lines.Should().ContainSingle().Which.Should().StartWith("Error Response cache [400]: ").And.NotContain("broken");
        _cache.Cache.Counters.Failures.Should().Be(3);
    }

    [Fact]
    public void Regression_what_fails_behind_a_sent_response_does_not_reach_the_host()
    {
        var exchange = new FakeExchange(CacheFixture.Series)
        {
            Origin = t =>
            {
                var response = _cache.Ask(t);
                _cache.Store.Failure = new IOException("broken");
                return response;
            },
        };
        _cache.Serve(exchange).Status.Should().Be(200);
        _cache.Cache.Counters.Failures.Should().Be(1);

        // What was handed to a store that threw is lost with it; only a store breaks this rule, and ours does not.
        _cache.Origin.Ledger.GaveBack();
        _cache.Store.Failure = null;
        _cache.Get(CacheFixture.Series).Status.Should().Be(200, "nobody waits for that flight");
    }

    [Fact]
    public void A_damaged_entry_is_a_miss()
    {
        _cache.Get(CacheFixture.Series);
        foreach (var key in _cache.Store.Entries.Keys)
        {
            _cache.Store.Entries[key] = ([1, 2, 3], 0);
        }

        _cache.Get(CacheFixture.Series)["Cache-Status"].Should().Be("response-cache; fwd=miss; stored", "what is cached has this version");
    }

    [Fact]
    public void Fifty_threads_with_one_cold_key_make_one_computation()
    {
        const int Threads = 50;
        _cache.Get(CacheFixture.Series, "Cache-Control: no-store");
        var computations = 0;
        using var start = new Barrier(Threads);
        using var computing = new ManualResetEventSlim();
        using var waiting = new CountdownEvent(Threads);
        var bodies = new ConcurrentBag<string?>();
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            var exchange = new FakeExchange(CacheFixture.Series)
            {
                Origin = t =>
                {
                    Interlocked.Increment(ref computations);
                    computing.Wait();
                    return _cache.Ask(t);
                },
            };
            start.SignalAndWait();
            waiting.Signal();
            _cache.Cache.Serve(exchange);
            bodies.Add(exchange.Text);
        })).ToArray();
        _cache.Store.IsLazy = true; // the flight lasts until its response is written
        Array.ForEach(threads, t => t.Start());
        waiting.Wait();
        computing.Set();
        Array.ForEach(threads, t => t.Join());

        computations.Should().Be(1);
        bodies.Should().HaveCount(Threads).And.OnlyContain(b => b == "0:1,1:2");
        _cache.Cache.Counters.Hits.Should().Be(Threads - 1);
    }

    [Fact]
    public void A_restart_finds_bodies_and_validators_again()
    {
        var first = _cache.Get(CacheFixture.Series);
        _cache.Time.AdvanceSeconds(10);
        _cache.Restart();
        _cache.Time.AdvanceSeconds(3);
        _cache.Get(CacheFixture.Series, $"If-Modified-Since: {first["Last-Modified"]}").Status.Should().Be(304);
        var again = _cache.Get(CacheFixture.Series);
        again["Cache-Status"].Should().Be(Hit);
        again["ETag"].Should().Be(first["ETag"]);
        again["Last-Modified"].Should().Be(first["Last-Modified"]);
    }

    [Fact]
    public void Regression_a_date_or_a_star_is_no_304_where_the_origin_has_an_error()
    {
        _cache.Get(CacheFixture.Tags);
        foreach (var condition in new[] { "If-None-Match: *", "If-Modified-Since: Sat, 20 Feb 2049 15:00:00 GMT" })
        {
            var exchange = new FakeExchange(CacheFixture.Pdf, condition) { Origin = _ => new FakeResponse(null, _cache.Origin.Ledger) };
            _cache.Serve(exchange).Status.Should().Be(404, "of {0}", condition);
        }
    }

    [Theory]
    [InlineData("/frames/0/numpy?compress", true)]
    [InlineData("/frames/0/preview", false)]
    [InlineData("/tags", false)]
    public void Regression_bytes_that_hold_the_time_of_the_request_have_a_weak_tag(string route, bool isWeak) =>
        _cache.Get($"/instances/{Tree.Instances[0].Id}{route}")["ETag"]!.StartsWith("W/", StringComparison.Ordinal).Should().Be(isWeak);
}
