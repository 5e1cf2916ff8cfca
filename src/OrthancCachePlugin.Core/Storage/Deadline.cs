using System.Diagnostics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>When patience ends. Waiting is about threads and disks, not about the age of data, so it follows the monotonic clock.</summary>
internal readonly struct Deadline
{
    private readonly long end;

    private Deadline(long end) => this.end = end;

    public bool IsOver => Stopwatch.GetTimestamp() >= end;

    /// <summary>What is left, never negative.</summary>
    public TimeSpan Rest
    {
        get
        {
            var rest = end - Stopwatch.GetTimestamp();
            return rest <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)rest / Stopwatch.Frequency);
        }
    }

    public static Deadline After(TimeSpan timeout) =>
        new(Stopwatch.GetTimestamp() + (long)(Math.Min(timeout.TotalSeconds, 86400) * Stopwatch.Frequency));
}
