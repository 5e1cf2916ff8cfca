using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Xunit.Abstractions;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>
/// The model test of freshness: random interleavings of requests, commits, events, clocks and restarts; the oracle is the history of
/// commits. <c>RESPONSE_CACHE_MODEL_RUNS</c> sets the number of runs, <c>RESPONSE_CACHE_MODEL_SEED</c> repeats one.
/// </summary>
public sealed class FreshnessTests(ITestOutputHelper output)
{
    [Fact]
    public void No_response_is_older_than_the_last_commit_that_had_to_show_before_the_request_came_in()
    {
        var runs = Number("RESPONSE_CACHE_MODEL_RUNS") ?? 3000;
        var seed = Number("RESPONSE_CACHE_MODEL_SEED") ?? (ulong)Random.Shared.NextInt64();
        output.WriteLine($"RESPONSE_CACHE_MODEL_SEED={seed} RESPONSE_CACHE_MODEL_RUNS={runs}");
        var hits = 0L;
        var property = Prop.ForAll(Scenarios.All, scenario => { hits += World.Play(scenario); });

        Check.One(WithSeed(seed, (int)runs), property);

        output.WriteLine($"{hits} hits and 304s in {runs} scenarios");
        hits.Should().BeGreaterThan((long)runs / 10, "a history without hits shows nothing");
    }

    [Fact]
    public void The_oracle_notices_a_cache_that_is_told_nothing()
    {
        var property = Prop.ForAll(Scenarios.All, scenario => { World.Play(scenario with { IsDeaf = true, IsShared = false }); });

        var check = () => Check.One(WithSeed(1, 500), property);

        check.Should().Throw<Exception>().Which.ToString().Should().Contain(nameof(StaleResponseException));
    }

    private static Config WithSeed(ulong seed, int runs) => Config.QuickThrowOnFailure
        .WithMaxTest(runs)
        .WithReplay(new Replay(new Rnd(seed, (2 * seed) + 1), Microsoft.FSharp.Core.FSharpOption<int>.None));

    private static ulong? Number(string variable) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
