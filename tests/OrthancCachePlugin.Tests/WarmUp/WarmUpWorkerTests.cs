using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>What is done with a resource: each route once, clients first, and no try in vain more often than it must be.</summary>
public sealed class WarmUpWorkerTests
{
    private readonly FakeTimeProvider time = FakeClock.Create();
    private readonly RecordingWarmer warmer = new();
    private readonly ServingCounters serving = new();
    private readonly WarmUpCounters counters = new();
    private readonly ListedStore store = new();
    private readonly ListLog log = new();
    private readonly WarmUpQueue queue;
    private readonly WarmUpWorker worker;

    public WarmUpWorkerTests()
    {
        var routes = new WarmUpRoutes(["instances-tags", "shared-tags?short"]);
        queue = new WarmUpQueue(routes);
        worker = new WarmUpWorker(queue, routes, warmer, new LoadGate(serving, time), store, counters, time, log);
    }

    [Fact]
    public void Each_route_of_each_resource_is_computed_once()
    {
        for (var i = 0; i < 50; i++)
        {
            queue.Add(Resources.Study(1));
            queue.Add(Resources.Series(2));
        }

        RunUntilIdle();

        warmer.Calls.Should().Equal(
            "Series 2 instances-tags", "Series 2 shared-tags?short", "Study 1 instances-tags", "Study 1 shared-tags?short");
        counters.Stored.Should().Be(4);
        counters.Resources.Should().Be(2);
    }

    [Fact]
    public void With_nothing_to_do_it_waits_for_something_to_come()
    {
        worker.RunOnce().Should().BeNull();
    }

    [Fact]
    public void While_a_client_waits_for_the_origin_nothing_is_computed()
    {
        queue.Add(Resources.Study(1));
        serving.EnterOrigin();

        worker.RunOnce().Should().Be(LoadGate.Interval);
        warmer.Calls.Should().BeEmpty();

        serving.LeaveOrigin();
        RunUntilIdle();
        warmer.Calls.Should().HaveCount(2);
    }

    [Fact]
    public void While_clients_ask_often_nothing_is_computed()
    {
        queue.Add(Resources.Study(1));
        for (var i = 0; i < 100; i++)
        {
            serving.Of(RouteTable.Parents[0]).Count(new CacheOutcome(CacheResult.Hit) { IsNotModified = true });
        }

        time.Advance(LoadGate.Interval);
        worker.RunOnce().Should().Be(LoadGate.Interval);
        warmer.Calls.Should().BeEmpty();

        time.Advance(LoadGate.Interval);
        RunUntilIdle();
        warmer.Calls.Should().HaveCount(2);
    }

    [Fact]
    public void A_client_that_comes_between_two_routes_goes_first()
    {
        queue.Add(Resources.Study(1));
        warmer.Respond = (_, _) =>
        {
            serving.EnterOrigin();
            return WarmUpOutcome.Stored;
        };

        worker.RunOnce();
        warmer.Calls.Should().Equal("Study 1 instances-tags");

        serving.LeaveOrigin();
        time.Advance(LoadGate.Interval);
        worker.RunOnce();
        warmer.Calls.Should().Equal("Study 1 instances-tags", "Study 1 shared-tags?short");
    }

    [Fact]
    public void A_deleted_resource_costs_one_call()
    {
        queue.Add(Resources.Study(1));
        warmer.Respond = (_, _) => WarmUpOutcome.Deleted;

        RunUntilIdle();

        warmer.Calls.Should().HaveCount(1);
        counters.Deleted.Should().Be(1);
    }

    [Fact]
    public void A_resource_that_changes_meanwhile_is_left_alone()
    {
        queue.Add(Resources.Study(1));
        warmer.Respond = (resource, _) =>
        {
            queue.Cancel(resource);
            return WarmUpOutcome.Stored;
        };

        RunUntilIdle();

        warmer.Calls.Should().HaveCount(1);
        counters.ChangedMeanwhile.Should().Be(1);
    }

    [Fact]
    public void Only_what_was_unsettled_is_tried_again_and_later_each_time()
    {
        queue.Add(Resources.Study(1));
        warmer.Respond = (_, route) => route.Name == "shared-tags" ? WarmUpOutcome.Unsettled : WarmUpOutcome.Stored;

        worker.RunOnce().Should().Be(TimeSpan.Zero);
        var waits = new List<TimeSpan>();
        while (worker.RunOnce() is { } wait && waits.Count < 100)
        {
            if (wait > TimeSpan.Zero)
            {
                waits.Add(wait);
                time.Advance(wait);
            }
        }

        warmer.Calls.Count(c => c.Contains("instances-tags", StringComparison.Ordinal)).Should().Be(1);
        warmer.Calls.Count(c => c.Contains("shared-tags", StringComparison.Ordinal)).Should().Be(21);
        waits.Should().BeInAscendingOrder().And.StartWith([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)]);
        waits[^1].Should().Be(TimeSpan.FromMinutes(1));
        counters.GivenUp.Should().Be(1);
        queue.Count.Should().Be(0);
    }

    [Fact]
    public void What_failed_is_tried_again_later_each_time_and_not_for_ever()
    {
        queue.Add(Resources.Study(1));
        warmer.Respond = (_, route) => route.Name == "shared-tags" ? WarmUpOutcome.Failed : WarmUpOutcome.Stored;

        var waits = new List<TimeSpan>();
        while (worker.RunOnce() is { } wait && waits.Count < 100)
        {
            if (wait > TimeSpan.Zero)
            {
                waits.Add(wait);
                time.Advance(wait);
            }
        }

        warmer.Calls.Count(c => c.Contains("instances-tags", StringComparison.Ordinal)).Should().Be(1);
        warmer.Calls.Count(c => c.Contains("shared-tags", StringComparison.Ordinal)).Should().Be(21);
        waits.Should().BeInAscendingOrder().And.StartWith([TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)]);
        waits[^1].Should().Be(TimeSpan.FromMinutes(10));
        counters.Deleted.Should().Be(0);
        counters.GivenUp.Should().Be(1);
    }

    [Fact]
    public void While_the_store_does_not_work_nothing_is_computed_and_nothing_is_lost()
    {
        queue.Add(Resources.Study(1));
        store.Status = new StoreStatus { State = StoreState.Recovering };

        worker.RunOnce().Should().Be(TimeSpan.FromSeconds(1));
        warmer.Calls.Should().BeEmpty();

        store.Status = new StoreStatus { State = StoreState.Working };
        RunUntilIdle();
        warmer.Calls.Should().HaveCount(2);
    }

    [Fact]
    public void A_failure_is_logged_once_and_ends_nothing()
    {
        warmer.Respond = (_, _) => throw new InvalidOperationException();
        queue.Add(Resources.Study(1));
        queue.Add(Resources.Study(2));

        RunUntilIdle();

        log.Count(600).Should().Be(1);
        counters.GivenUp.Should().Be(2);
        queue.Running.Should().Be(0);
    }

    private void RunUntilIdle()
    {
        while (worker.RunOnce() == TimeSpan.Zero)
        {
        }
    }
}
