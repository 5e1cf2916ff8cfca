using FluentAssertions;
using OrthancCachePlugin.Core.Threads;
using Xunit;

namespace OrthancCachePlugin.Tests.Threads;

public sealed class SignalTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private readonly Signal signal = new();

    [Fact]
    public void A_set_before_the_wait_lets_it_pass()
    {
        signal.Set();
        signal.Set();

        Waits(2).Join(Timeout).Should().BeTrue();
    }

    [Fact]
    public void Each_set_lets_one_wait_pass()
    {
        var waiter = Waits(2);
        signal.Set();
        waiter.Join(TimeSpan.FromMilliseconds(50)).Should().BeFalse();

        signal.Set();

        waiter.Join(Timeout).Should().BeTrue();
    }

    [Fact]
    public void Two_threads_hand_work_to_each_other_without_losing_any()
    {
        const int Rounds = 20_000;
        var (response, handed, done) = (new Signal(), 0, 0);
        var worker = Start(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                signal.Wait();
                done = handed;
                response.Set();
            }
        });
        var caller = Start(() =>
        {
            for (var i = 1; i <= Rounds; i++)
            {
                handed = i;
                signal.Set();
                response.Wait();
                if (done != i)
                {
                    return;
                }
            }
        });

        caller.Join(Timeout).Should().BeTrue();

        done.Should().Be(Rounds);
        worker.Join(Timeout).Should().BeTrue();
    }

    [Fact]
    public void A_collection_of_garbage_does_not_disturb_who_waits()
    {
        var waiter = Waits(1);
        for (var i = 0; i < 5; i++)
        {
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true);
        }

        signal.Set();

        waiter.Join(Timeout).Should().BeTrue();
    }

    private Thread Waits(int times) => Start(() =>
    {
        for (var i = 0; i < times; i++)
        {
            signal.Wait();
        }
    });

    private static Thread Start(Action action)
    {
        var thread = new Thread(() => action()) { IsBackground = true };
        thread.Start();
        return thread;
    }
}
