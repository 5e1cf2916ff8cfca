using FluentAssertions;
using OrthancCachePlugin.Core.Threads;
using Xunit;

namespace OrthancCachePlugin.Tests.Threads;

public sealed class SignalTests
{
    [Fact]
    public void A_signal_that_came_before_is_not_lost_and_lets_one_wait_pass()
    {
        var signal = new Signal();
        signal.Set();
        signal.Set();
        signal.Wait();
        signal.Wait();

        var passed = 0;
        var waiting = new Thread(() =>
        {
            signal.Wait();
            Interlocked.Increment(ref passed);
        });
        waiting.Start();
        waiting.Join(TimeSpan.FromMilliseconds(50)).Should().BeFalse("both were taken");
        signal.Set();
        waiting.Join();
        passed.Should().Be(1);
    }

    [Fact]
    public void Two_threads_take_turns_without_losing_one()
    {
        const int Rounds = 50_000;
        Signal there = new(), back = new();
        var sum = 0;
        var other = new Thread(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                there.Wait();
                sum++;
                back.Set();
            }
        });
        other.Start();
        for (var i = 0; i < Rounds; i++)
        {
            there.Set();
            back.Wait();
            sum++;
        }

        other.Join();
        sum.Should().Be(2 * Rounds);
    }
}
