using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.Administration;

/// <summary>Ratios over windows of time.</summary>
public sealed class ServingHistoryTests : IDisposable
{
    private readonly FakeTimeProvider time = FakeClock.Create();
    private readonly ServingCounters counters = new();
    private readonly ServingHistory history;

    public ServingHistoryTests() => history = new ServingHistory(counters, time);

    public void Dispose() => history.Dispose();

    [Fact]
    public void Without_requests_there_is_no_ratio()
    {
        history.Now().HitRatioSince(history.Start).Should().BeNull();
    }

    [Fact]
    public void The_last_minute_forgets_what_was_before_it()
    {
        Serve(hits: 0, misses: 10);
        Pass(minutes: 5);
        Serve(hits: 9, misses: 1);
        time.Advance(TimeSpan.FromSeconds(30));

        history.Now().HitRatioSince(history.Before(TimeSpan.FromMinutes(1))).Should().Be(0.9);
        history.Now().HitRatioSince(history.Before(TimeSpan.FromHours(1))).Should().Be(0.45);
        history.Now().HitRatioSince(history.Start).Should().Be(0.45);
    }

    [Fact]
    public void The_last_hour_forgets_what_was_before_it_and_the_start_does_not()
    {
        Serve(hits: 0, misses: 10);
        Pass(minutes: 61);
        Serve(hits: 10, misses: 0);

        history.Now().HitRatioSince(history.Before(TimeSpan.FromHours(1))).Should().Be(1);
        history.Now().HitRatioSince(history.Start).Should().Be(0.5);
    }

    private void Serve(int hits, int misses)
    {
        var route = counters.Of(RouteTable.Parents[0]);
        for (var i = 0; i < hits; i++)
        {
            route.Count(new CacheOutcome(CacheResult.Hit) { SavedMicroseconds = 1 });
        }

        for (var i = 0; i < misses; i++)
        {
            route.Count(new CacheOutcome(CacheResult.Miss));
        }
    }

    private void Pass(int minutes)
    {
        for (var i = 0; i < minutes * 6; i++)
        {
            time.Advance(ServingHistory.Interval);
        }
    }
}
