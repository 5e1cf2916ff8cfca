namespace OrthancCachePlugin.Core.Freshness;

/// <summary>The monotonic clock of a <see cref="TimeProvider"/> in one unit.</summary>
public static class MonotonicTime
{
    /// <summary>Ticks of 100 ns since an arbitrary moment; unlike the wall clock it never steps.</summary>
    public static long GetTimestampTicks(this TimeProvider time)
    {
        var perTick = time.TimestampFrequency / TimeSpan.TicksPerSecond;
        return perTick * TimeSpan.TicksPerSecond == time.TimestampFrequency
            ? time.GetTimestamp() / perTick
            : (long)(time.GetTimestamp() * ((double)TimeSpan.TicksPerSecond / time.TimestampFrequency));
    }
}
