using Microsoft.Extensions.Time.Testing;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>A clock that stands still until it is moved.</summary>
internal static class FakeClock
{
    /// <summary>Mon, 20 Feb 2023 15:00:00 GMT.</summary>
    public const long StartSeconds = 1676905200;

    /// <summary>Makes one that stands at <see cref="StartSeconds"/>.</summary>
    public static FakeTimeProvider Create() => new(DateTimeOffset.FromUnixTimeSeconds(StartSeconds));

    /// <summary>Unix seconds.</summary>
    public static long Seconds(this FakeTimeProvider time) => time.GetUtcNow().ToUnixTimeSeconds();

    public static void AdvanceSeconds(this FakeTimeProvider time, double seconds) => time.Advance(TimeSpan.FromSeconds(seconds));

    /// <summary>Sets the wall clock forward or back; the monotonic one goes on.</summary>
    public static void StepWall(this FakeTimeProvider time, TimeSpan step) => time.AdjustTime(time.GetUtcNow() + step);
}
