using FluentAssertions;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Threads;
using OrthancCachePlugin.Tests.Fakes;
using Xunit;

namespace OrthancCachePlugin.Tests.Threads;

public sealed class LargeStackThreadsTests
{
    private readonly LargeStackThreads threads = new(new ListLog(), new NoNames());

    [Fact]
    public void Work_has_room_on_its_stack()
    {
        var work = new Work(() => Recurse(3 << 10));

        threads.Run(work);

        work.Runs.Should().Be(1);
        threads.Dispose();
    }

    [Fact]
    public void What_work_throws_is_thrown_where_it_was_asked_for_and_the_thread_goes_on()
    {
        threads.Invoking(t => t.Run(new Work(() => throw new InvalidOperationException("why")))).Should().Throw<InvalidOperationException>().WithMessage("why");

        var thread = 0;
        threads.Run(new Work(() => thread = Environment.CurrentManagedThreadId));
        var again = 0;
        threads.Run(new Work(() => again = Environment.CurrentManagedThreadId));
        again.Should().Be(thread).And.NotBe(Environment.CurrentManagedThreadId);
        threads.Dispose();
    }

    [Fact]
    public void Threads_hand_work_to_each_other_without_losing_any()
    {
        const int Rounds = 5_000;
        var done = 0;
        var callers = Enumerable.Range(0, 4).Select(_ => new Thread(() =>
        {
            for (var i = 0; i < Rounds; i++)
            {
                threads.Run(new Work(() => Interlocked.Increment(ref done)));
            }
        })).ToList();

        callers.ForEach(c => c.Start());
        callers.ForEach(c => c.Join());

        done.Should().Be(4 * Rounds);
        threads.Dispose();
    }

    [Fact]
    public void A_closed_pool_takes_no_work()
    {
        threads.Run(new Work(() => { }));
        threads.Dispose();

        threads.Invoking(t => t.Run(new Work(() => { }))).Should().Throw<ObjectDisposedException>();
    }

    private static int Recurse(int kibibytes)
    {
        Span<byte> room = stackalloc byte[1024];
        room[0] = 1;
        return kibibytes == 0 ? 0 : room[0] + Recurse(kibibytes - 1);
    }

    private sealed class Work(Action action) : LargeStackThreads.IWork
    {
        public int Runs { get; private set; }

        public void Execute()
        {
            Runs++;
            action();
        }
    }

    private sealed class NoNames : IThreadNames
    {
        public void Enter(string name)
        {
        }

        public void Leave()
        {
        }
    }
}
