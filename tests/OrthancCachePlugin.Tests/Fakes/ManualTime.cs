namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>Two clocks that stand still until they are told: a wall clock that may step, and a monotonic one that may not.</summary>
internal sealed class ManualTime : TimeProvider
{
    /// <summary>Mon, 20 Feb 2023 15:00:00 GMT.</summary>
    public const long StartSeconds = 1676905200;

    private long _monotonic = 1000 * TimeSpan.TicksPerSecond;
    private DateTimeOffset _wall = DateTimeOffset.FromUnixTimeSeconds(StartSeconds);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Unix seconds.</summary>
    public long Seconds => _wall.ToUnixTimeSeconds();

    public override DateTimeOffset GetUtcNow() => _wall;

    public override long GetTimestamp() => _monotonic;

    public void Advance(TimeSpan time)
    {
        _monotonic += time.Ticks;
        _wall += time;
    }

    public void AdvanceSeconds(double seconds) => Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Sets the wall clock forward or back.</summary>
    public void StepWall(TimeSpan time) => _wall += time;
}
