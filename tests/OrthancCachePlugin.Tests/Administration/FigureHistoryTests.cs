using System.Text.Json.Nodes;
using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Tests.Fakes;
using Xunit;

namespace OrthancCachePlugin.Tests.Administration;

/// <summary>An hour in minutes and a day in quarters of an hour.</summary>
public sealed class FigureHistoryTests : IDisposable
{
    private const int SlowClass = 12; // below 4096 µs
    private const int FastClass = 6; // below 64 µs

    private readonly FakeTimeProvider time = FakeClock.Create();
    private readonly long[] latency = new long[LatencyHistogram.Classes];
    private readonly FigureHistory history;
    private long hits;
    private long misses;
    private long bypasses;
    private long disk;
    private bool isBroken;

    public FigureHistoryTests() => history = new FigureHistory(
        () => isBroken
            ? throw new InvalidOperationException("broken")
            : new ServingSample(time.GetTimestampTicks(), hits, misses, bypasses, [.. latency]),
        () => disk,
        time);

    public void Dispose() => history.Dispose();

    [Fact]
    public void Begins_empty_and_shows_the_running_interval_once_it_is_long_enough_for_a_rate()
    {
        time.AdvanceSeconds(4);
        history.LastHour.Should().BeEmpty();

        Hit(3, FastClass);
        time.AdvanceSeconds(1);

        history.LastHour.Should().ContainSingle().Which.Should().Match<FigurePoint>(p => p.Requests == 3 && p.Seconds == 5);
        history.LastDay.Should().ContainSingle().Which.Requests.Should().Be(3);
    }

    [Fact]
    public void A_minute_holds_what_happened_in_it()
    {
        Hit(100, SlowClass);
        Pass(minutes: 1);
        Hit(6, FastClass);
        misses += 2;
        bypasses += 4;
        disk = 5_000_000;
        Pass(minutes: 1);

        history.LastHour.Should().HaveCount(2);
        history.LastHour[^1].Should().Be(new FigurePoint(
            DateTimeOffset.FromUnixTimeSeconds(FakeClock.StartSeconds + 120), 60, 12, 0.75, 64, 64, 5_000_000));
    }

    [Fact]
    public void Without_requests_there_is_no_ratio_and_without_hits_no_latency()
    {
        Pass(minutes: 1);
        misses++;
        Pass(minutes: 1);

        history.LastHour[0].Should().Match<FigurePoint>(p => p.HitRatio == null && p.HitMedianMicroseconds == null && p.Requests == 0);
        history.LastHour[1].Should().Match<FigurePoint>(p => p.HitRatio == 0 && p.Hit99thMicroseconds == null && p.Requests == 1);
    }

    [Fact]
    public void A_quarter_is_made_of_all_requests_of_its_minutes_and_not_of_the_means_of_them()
    {
        Hit(99, FastClass);
        misses++;
        Pass(minutes: 14);
        history.LastDay.Should().ContainSingle().Which.Seconds.Should().Be(14 * 60, "the first is not over");

        Hit(1, SlowClass);
        Pass(minutes: 1);

        var quarter = history.LastDay.Should().ContainSingle().Subject;
        quarter.Should().Match<FigurePoint>(p => p.Seconds == 900 && p.Requests == 101 && p.HitMedianMicroseconds == 64);
        quarter.HitRatio.Should().BeApproximately(100.0 / 101, 1e-9);
    }

    [Fact]
    public void Keeps_an_hour_and_a_day_and_no_more()
    {
        for (var minute = 1; minute <= 26 * 60; minute++)
        {
            bypasses += minute;
            Pass(minutes: 1);
        }

        history.LastHour.Select(p => p.Requests).Should().Equal(Enumerable.Range((25 * 60) + 1, 60).Select(n => (long)n));
        history.LastDay.Should().HaveCount(96);
        (history.LastDay[^1].End - history.LastDay[0].End).Should().Be(TimeSpan.FromHours(23.75));
        history.LastDay[^1].Requests.Should().Be(Enumerable.Range((25 * 60) + 46, 15).Sum());
    }

    [Fact]
    public void Counters_that_begin_again_count_from_zero()
    {
        Hit(1000, SlowClass);
        Pass(minutes: 1);

        hits = 0;
        Array.Clear(latency);
        Hit(3, FastClass);
        misses = 1;
        Pass(minutes: 1);

        history.LastHour[^1].Should().Match<FigurePoint>(
            p => p.Requests == 4 && p.HitRatio == 0.75 && p.HitMedianMicroseconds == 64 && p.Hit99thMicroseconds == 64);
    }

    [Fact]
    public void What_fails_on_the_timer_leaves_a_gap_and_ends_nothing()
    {
        isBroken = true;
        Pass(minutes: 1);
        isBroken = false;
        bypasses = 9;
        Pass(minutes: 1);

        history.LastHour.Should().ContainSingle().Which.Should().Match<FigurePoint>(p => p.Seconds == 120 && p.Requests == 9);
    }

    [Fact]
    public void Nothing_is_sampled_after_the_end()
    {
        history.Dispose();
        isBroken = true;

        Pass(minutes: 5);
        isBroken = false;

        history.LastHour.Should().ContainSingle("only the running one").Which.Seconds.Should().Be(300);
    }

    [Fact]
    public void Is_written_as_numbers_and_times_alone()
    {
        Hit(3, FastClass);
        misses = 1;
        disk = 4096;
        Pass(minutes: 1);

        var json = JsonNode.Parse(HistoryReport.Write(history))!;

        json["LastHour"]!["IntervalSeconds"]!.GetValue<int>().Should().Be(60);
        json["LastDay"]!["IntervalSeconds"]!.GetValue<int>().Should().Be(900);
        json["LastHour"]!["Points"]!.AsArray().Should().ContainSingle().Which!.ToJsonString().Should().Be(
            """{"End":"2023-02-20T15:01:00Z","Seconds":60,"Requests":4,"HitRatio":0.75,"HitMedianMicroseconds":64,"Hit99thMicroseconds":64,"DiskBytes":4096}""");
    }

    private void Hit(int count, int latencyClass)
    {
        hits += count;
        latency[latencyClass] += count;
    }

    private void Pass(int minutes)
    {
        for (var i = 0; i < minutes; i++)
        {
            time.Advance(FigureHistory.Minute);
        }
    }
}
