using FluentAssertions;
using OrthancCachePlugin.Core.Diagnostics;
using Xunit;

namespace OrthancCachePlugin.Tests.Diagnostics;

public sealed class StripedCountersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(25)]
    public void Many_threads_lose_nothing_and_touch_no_other_sum(int count)
    {
        const int Threads = 40, Times = 1000;
        var counters = new StripedCounters(count);
        var threads = Enumerable.Range(0, Threads).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < Times; i++)
            {
                for (var index = 0; index < count; index++)
                {
                    counters.Add(index, index + 1);
                }
            }
        })).ToList();

        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());

        for (var index = 0; index < count; index++)
        {
            counters[index].Should().Be((index + 1) * Threads * Times);
        }
    }
}
