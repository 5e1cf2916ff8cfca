using System.Numerics;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// Counts durations in classes that double: class n holds those below 2^n microseconds. Thread-safe.
/// </summary>
public sealed class LatencyHistogram
{
    /// <summary>The last class holds everything from 2^22 µs (four seconds) on.</summary>
    public const int Classes = 24;

    /// <summary>The classes, and behind them the sum of all durations.</summary>
    private readonly StripedCounters _counts = new(Classes + 1);

    /// <summary>Sum of all durations.</summary>
    public long TotalMicroseconds => _counts[Classes];

    public void Add(TimeSpan duration)
    {
        var microseconds = Math.Max(0, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        var index = Math.Min(Classes - 1, 64 - BitOperations.LeadingZeroCount((ulong)microseconds));
        _counts.Add(index, 1);
        _counts.Add(Classes, microseconds);
    }

    /// <summary>Copies the counts.</summary>
    public void CopyTo(Span<long> destination)
    {
        for (var i = 0; i < Classes; i++)
        {
            destination[i] = _counts[i];
        }
    }

    /// <summary>The upper bound of the class in which a quantile lies, in microseconds; 0 where nothing was counted.</summary>
    /// <param name="counts">Counts, perhaps the difference of two copies.</param>
    /// <param name="quantile">As 0.99.</param>
    public static long Quantile(ReadOnlySpan<long> counts, double quantile)
    {
        long total = 0;
        foreach (var count in counts)
        {
            total += count;
        }

        var rank = (long)Math.Ceiling(total * quantile);
        long seen = 0;
        for (var i = 0; i < counts.Length && total > 0; i++)
        {
            seen += counts[i];
            if (seen >= rank)
            {
                return 1L << i;
            }
        }

        return 0;
    }
}
