using Microsoft.Extensions.Time.Testing;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>A clock that goes on only while somebody waits for it, so that a busy machine lets no timeout pass.</summary>
internal sealed class WaitedClock() : FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(FakeClock.StartSeconds))
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);
    private int _timers;

    /// <summary>Moves it a little where a timer runs.</summary>
    public void GoOn()
    {
        if (Volatile.Read(ref _timers) > 0)
        {
            Advance(Tick);
        }

        Thread.Yield();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this);
        timer.Inner = base.CreateTimer(
            s =>
            {
                timer.End();
                callback(s);
            },
            state,
            dueTime,
            period);
        return timer;
    }

    private sealed class Timer : ITimer
    {
        private readonly WaitedClock _owner;
        private int _hasEnded;

        public Timer(WaitedClock owner)
        {
            _owner = owner;
            Interlocked.Increment(ref _owner._timers);
        }

        public ITimer? Inner { get; set; }

        public void End()
        {
            if (Interlocked.Exchange(ref _hasEnded, 1) == 0)
            {
                Interlocked.Decrement(ref _owner._timers);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => Inner!.Change(dueTime, period);

        public void Dispose()
        {
            End();
            Inner?.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
