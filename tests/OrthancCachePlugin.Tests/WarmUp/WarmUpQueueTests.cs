using FluentAssertions;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>The order, the bound and the coalescing of what waits to be warmed.</summary>
public sealed class WarmUpQueueTests
{
    private static readonly WarmUpRoutes Routes = new(["shared-tags", "attachments"]);

    [Fact]
    public void A_resource_waits_once_however_often_it_is_added()
    {
        var queue = new WarmUpQueue(Routes);

        for (var i = 0; i < 100; i++)
        {
            queue.Add(Resources.Study(1)).Should().Be(i == 0);
        }

        queue.Count.Should().Be(1);
    }

    [Fact]
    public void The_smallest_level_comes_first_and_within_a_level_who_came_first()
    {
        var queue = new WarmUpQueue(Routes);
        queue.Add(Resources.Patient(1));
        queue.Add(Resources.Study(2));
        queue.Add(Resources.Series(4));
        queue.Add(Resources.Series(3));

        Drain(queue).Should().Equal(Resources.Series(4), Resources.Series(3), Resources.Study(2), Resources.Patient(1));
    }

    [Fact]
    public void A_hundred_thousand_events_of_as_many_resources_stay_within_the_bound()
    {
        var queue = new WarmUpQueue(Routes);

        for (uint i = 0; i < 100_000; i++)
        {
            queue.Add(Resources.Series(i));
        }

        queue.Count.Should().Be(WarmUpQueue.DefaultCapacity);
        queue.Dropped.Should().Be(100_000 - WarmUpQueue.DefaultCapacity);
        Drain(queue).Should().HaveCount(WarmUpQueue.DefaultCapacity).And.StartWith([Resources.Series(100_000 - WarmUpQueue.DefaultCapacity)]);
    }

    [Fact]
    public void A_hundred_thousand_events_of_one_upload_are_one_patient_one_study_and_its_series()
    {
        var queue = new WarmUpQueue(Routes);

        for (uint i = 0; i < 100_000; i++)
        {
            queue.Add(Resources.Series(i % 10));
            queue.Add(Resources.Study(1));
            queue.Add(Resources.Patient(1));
        }

        queue.Count.Should().Be(12);
        queue.Dropped.Should().Be(0);
    }

    [Fact]
    public void Where_it_is_full_the_oldest_of_the_largest_level_gives_way()
    {
        var queue = new WarmUpQueue(Routes, capacity: 3);
        queue.Add(Resources.Series(1));
        queue.Add(Resources.Patient(2));
        queue.Add(Resources.Patient(3));

        queue.Add(Resources.Series(4)).Should().BeTrue();
        queue.Add(Resources.Study(5)).Should().BeTrue();
        queue.Add(Resources.Patient(6)).Should().BeFalse("nothing that waits is as large");

        Drain(queue).Should().Equal(Resources.Series(1), Resources.Series(4), Resources.Study(5));
    }

    [Fact]
    public void Delayed_resources_count_for_the_bound()
    {
        var queue = new WarmUpQueue(Routes, capacity: 2);
        for (uint i = 0; i < 10; i++)
        {
            queue.Add(Resources.Study(i));
            var item = queue.TryTake(0, out _)!;
            queue.GiveBack(item, retryAt: 1000);
        }

        queue.Count.Should().BeLessThanOrEqualTo(2);
    }

    [Fact]
    public void A_resource_that_changes_does_not_wait_any_more()
    {
        var queue = new WarmUpQueue(Routes);
        queue.Add(Resources.Study(1));
        queue.Add(Resources.Study(2));

        queue.Cancel(Resources.Study(1));

        Drain(queue).Should().Equal(Resources.Study(2));
    }

    [Fact]
    public void A_resource_that_changes_while_it_is_done_is_told_and_does_not_come_back()
    {
        var queue = new WarmUpQueue(Routes);
        queue.Add(Resources.Study(1));
        var item = queue.TryTake(0, out _)!;

        queue.Cancel(Resources.Study(1));
        queue.GiveBack(item, retryAt: 0);

        item.IsCanceled.Should().BeTrue();
        queue.Count.Should().Be(0);
        queue.Running.Should().Be(0);
    }

    [Fact]
    public void A_resource_that_becomes_stable_again_while_it_is_done_comes_again()
    {
        var queue = new WarmUpQueue(Routes);
        queue.Add(Resources.Study(1));
        var item = queue.TryTake(0, out _)!;

        queue.Add(Resources.Study(1)).Should().BeTrue();
        queue.GiveBack(item, retryAt: 5);

        Drain(queue).Should().Equal(Resources.Study(1));
    }

    [Fact]
    public void A_second_try_waits_for_its_time()
    {
        var queue = new WarmUpQueue(Routes);
        queue.Add(Resources.Study(1));
        queue.GiveBack(queue.TryTake(0, out _)!, retryAt: 20);

        queue.TryTake(19, out var wait).Should().BeNull();
        wait.Should().Be(TimeSpan.FromTicks(1));
        queue.TryTake(20, out _)!.Resource.Should().Be(Resources.Study(1));
    }

    [Fact]
    public void Without_routes_nothing_waits()
    {
        var queue = new WarmUpQueue(new WarmUpRoutes([]));

        queue.Add(Resources.Study(1)).Should().BeFalse();
    }

    private static List<Resource> Drain(WarmUpQueue queue)
    {
        var taken = new List<Resource>();
        while (queue.TryTake(long.MaxValue, out _) is { } item)
        {
            taken.Add(item.Resource);
            queue.GiveBack(item, retryAt: null);
        }

        return taken;
    }
}
