using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class OperationGateTests
{
    [Fact]
    public void Closes_for_new_ones_and_waits_for_those_inside()
    {
        using var gate = new OperationGate();
        gate.TryEnter().Should().BeTrue();
        gate.Close(TimeSpan.FromMilliseconds(1)).Should().BeFalse();
        gate.TryEnter().Should().BeFalse();
        gate.Exit();
        gate.Close(TimeSpan.Zero).Should().BeTrue();
    }

    [Fact]
    public void Nobody_is_inside_after_it_was_closed()
    {
        using var gate = new OperationGate();
        var inside = 0;
        var threads = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            while (gate.TryEnter())
            {
                Interlocked.Increment(ref inside);
                Interlocked.Decrement(ref inside);
                gate.Exit();
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        gate.Close(TimeSpan.FromMinutes(1)).Should().BeTrue();
        inside.Should().Be(0);
        threads.ForEach(thread => thread.Join());
    }
}
