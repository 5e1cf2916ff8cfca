using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class MemoryBudgetTests
{
    [Fact]
    public void Turns_away_what_does_not_fit_in_time()
    {
        var budget = new MemoryBudget(100);
        budget.TryTake(60, TimeSpan.Zero).Should().BeTrue();
        budget.TryTake(60, TimeSpan.FromMilliseconds(1)).Should().BeFalse();
        budget.TryTake(40, TimeSpan.Zero).Should().BeTrue();
        budget.TryTake(101, TimeSpan.FromHours(1)).Should().BeFalse("it can never fit");
    }

    [Fact]
    public void Lets_a_waiting_one_in_when_there_is_room()
    {
        var budget = new MemoryBudget(100);
        budget.TryTake(100, TimeSpan.Zero);
        var taken = false;
        var thread = new Thread(() => taken = budget.TryTake(50, TimeSpan.FromMinutes(1)));
        thread.Start();
        budget.Give(100);
        thread.Join();
        taken.Should().BeTrue();
        budget.Used.Should().Be(50);
    }

    [Fact]
    public void A_share_is_given_back_once()
    {
        var budget = new MemoryBudget(100);
        var first = budget.TryTakeShare(60, TimeSpan.Zero)!;
        budget.TryTakeShare(41, TimeSpan.FromMilliseconds(1)).Should().BeNull();
        using var second = budget.TryTakeShare(40, TimeSpan.Zero);
        second.Should().NotBeNull();

        first.Dispose();
        first.Dispose();

        budget.Used.Should().Be(40);
    }
}
