using FluentAssertions;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Threads;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>The threads: none of them works for whoever says that something is stable, and none outlives the service.</summary>
public sealed class WarmUpServiceTests
{
    [Fact]
    public void What_is_stable_is_warmed_on_another_thread()
    {
        using var done = new CountdownEvent(2);
        var threads = new List<int>();
        using var service = Create((_, _) =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            done.Signal();
            return WarmUpOutcome.Stored;
        });
        service.Start();

        service.Stable(Resources.Study(1));

        done.Wait(TimeSpan.FromMinutes(1)).Should().BeTrue();
        threads.Should().NotContain(Environment.CurrentManagedThreadId);
    }

    [Fact]
    public void The_event_thread_never_waits_for_a_computation()
    {
        using var release = new ManualResetEventSlim();
        using var began = new ManualResetEventSlim();
        using var service = Create((_, _) =>
        {
            began.Set();
            release.Wait();
            return WarmUpOutcome.Stored;
        });
        service.Start();
        service.Stable(Resources.Study(1));
        began.Wait();

        for (uint i = 0; i < 100_000; i++)
        {
            service.Stable(Resources.Series(i));
            service.Changed(Resources.Series(i / 2));
        }

        service.QueueLength.Should().BeLessThanOrEqualTo(WarmUpQueue.DefaultCapacity);
        service.Running.Should().Be(1);
        service.Stop();
        release.Set();
    }

    [Fact]
    public void Disposing_waits_for_what_is_being_computed_and_begins_nothing_else()
    {
        using var release = new ManualResetEventSlim();
        using var began = new ManualResetEventSlim();
        var calls = 0;
        var isOver = false;
        var service = Create((_, _) =>
        {
            Interlocked.Increment(ref calls);
            began.Set();
            release.Wait();
            isOver.Should().BeFalse();
            return WarmUpOutcome.Stored;
        });
        service.Start();
        service.Stable(Resources.Study(1));
        service.Stable(Resources.Study(2));
        began.Wait();

        service.Stop();
        release.Set();
        service.Dispose();
        isOver = true;

        calls.Should().Be(1);
        service.QueueLength.Should().Be(0);
        service.Stable(Resources.Study(3));
        service.QueueLength.Should().Be(0);
    }

    [Fact]
    public void Disposing_one_that_was_never_started_is_no_error()
    {
        var service = Create((_, _) => WarmUpOutcome.Stored);

        service.Dispose();

        service.Running.Should().Be(0);
    }

    private static WarmUpService Create(Func<Core.Routing.Resource, WarmUpRoute, WarmUpOutcome> response) => new(
        new WarmUpRoutes(["instances-tags", "shared-tags"]),
        new RecordingWarmer { Respond = response },
        new LoadGate(new ServingCounters(), TimeProvider.System),
        new ListedStore(),
        new WarmUpCounters(),
        threads: 1,
        TimeProvider.System,
        new ListLog());
}
