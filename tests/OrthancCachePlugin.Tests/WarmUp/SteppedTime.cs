namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>A clock that stands still until it is moved; its timers fire while it is moved.</summary>
internal sealed class SteppedTime : TimeProvider
{
    private readonly Lock gate = new();
    private readonly List<SteppedTimer> timers = [];
    private readonly DateTimeOffset start = new(2023, 2, 20, 15, 0, 0, TimeSpan.Zero);
    private long ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => start.AddTicks(GetTimestamp());

    public override long GetTimestamp() => Interlocked.Read(ref ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SteppedTimer(this, () => callback(state), GetTimestamp() + dueTime.Ticks, period.Ticks);
        lock (gate)
        {
            timers.Add(timer);
        }

        return timer;
    }

    /// <summary>Moves on to the moment for which somebody waits; false where nobody waits.</summary>
    public bool AdvanceToNext()
    {
        long next;
        lock (gate)
        {
            next = timers.Select(t => t.Next).DefaultIfEmpty(long.MaxValue).Min();
        }

        if (next == long.MaxValue)
        {
            return false;
        }

        Advance(TimeSpan.FromTicks(Math.Max(0, next - GetTimestamp())));
        return true;
    }

    public void Advance(TimeSpan span)
    {
        var now = Interlocked.Add(ref ticks, span.Ticks);
        SteppedTimer[] all;
        lock (gate)
        {
            all = [.. timers];
        }

        foreach (var timer in all)
        {
            timer.FireUntil(now);
        }
    }

    private sealed class SteppedTimer(SteppedTime owner, Action fire, long due, long period) : ITimer
    {
        private long next = due;

        public long Next => Volatile.Read(ref next);

        public void FireUntil(long now)
        {
            while (next <= now)
            {
                next = period > 0 ? next + period : long.MaxValue;
                fire();
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod) => throw new NotSupportedException();

        public void Dispose()
        {
            lock (owner.gate)
            {
                owner.timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
