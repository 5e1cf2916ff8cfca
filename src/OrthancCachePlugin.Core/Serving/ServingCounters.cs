using System.Numerics;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>What became of the requests of clients since the start; warm-up does not count. Thread-safe.</summary>
public sealed class ServingCounters
{
    private readonly RouteCounters?[] _byCode = new RouteCounters?[byte.MaxValue + 1];
    private long _failures;
    private long _waitingForOrigin;
    private long _decodedBytes;
    private long _encodedBytes;

    public ServingCounters()
    {
        Routes = [.. RouteTable.Parents.Concat(RouteTable.Instances).Select(r => new RouteCounters(r))];
        foreach (var counters in Routes)
        {
            _byCode[counters.Route.Code] = counters;
        }
    }

    public IReadOnlyList<RouteCounters> Routes { get; } // one for each row of the route table, in its order

    public LatencyHistogram HitLatency { get; } = new();

    public long Hits => Routes.Sum(r => r.Hits);

    public long Misses => Routes.Sum(r => r.Misses);

    public long NotModified => Routes.Sum(r => r.NotModified);

    public long Bypasses => Routes.Sum(r => r.Bypasses);

    public long Revalidations => Routes.Sum(r => r.Revalidations);

    public long Failures => Interlocked.Read(ref _failures); // requests in which something of ours failed and the origin answered

    public long SavedMicroseconds => Routes.Sum(r => r.SavedMicroseconds);

    public long Requests => Routes.Sum(r => r.Requests);

    /// <summary>Requests of clients that wait for the origin just now: those are what warm-up must not slow down.</summary>
    public long WaitingForOrigin => Interlocked.Read(ref _waitingForOrigin);

    public long DecodedBytes => Interlocked.Read(ref _decodedBytes);

    public long EncodedBytes => Interlocked.Read(ref _encodedBytes);

    internal RouteCounters Of(Route route) => _byCode[route.Code]!;

    internal void Failure() => Interlocked.Increment(ref _failures);

    internal void EnterOrigin() => Interlocked.Increment(ref _waitingForOrigin);

    internal void LeaveOrigin() => Interlocked.Decrement(ref _waitingForOrigin);

    internal void Encoded(long decoded, long encoded)
    {
        Interlocked.Add(ref _decodedBytes, decoded);
        Interlocked.Add(ref _encodedBytes, encoded);
    }
}

public sealed class RouteCounters(Route route)
{
    private readonly StripedCounters _counts = new((int)Counter.SavedMicroseconds + 1);

    private enum Counter
    {
        Hits,
        Misses,
        Stale,
        NotModified,
        Bypasses,
        Revalidations,
        SavedMicroseconds,
    }

    public Route Route { get; } = route;

    public long Hits => _counts[(int)Counter.Hits]; // responses with a body that the origin was not asked for

    /// <summary>Responses that the origin was asked for, because none was cached or it was of an older version.</summary>
    public long Misses => _counts[(int)Counter.Misses];

    public long Stale => _counts[(int)Counter.Stale];

    public long NotModified => _counts[(int)Counter.NotModified];

    /// <summary>Responses of the origin that are never stored: binary, of unknown arguments, forbidden by the client.</summary>
    public long Bypasses => _counts[(int)Counter.Bypasses];

    /// <summary>Requests for which the origin was asked whether the version still holds.</summary>
    public long Revalidations => _counts[(int)Counter.Revalidations];

    public long SavedMicroseconds => _counts[(int)Counter.SavedMicroseconds];

    public long Requests => Hits + Misses + NotModified + Bypasses;

    internal void Count(in CacheOutcome outcome)
    {
        switch (outcome.Result)
        {
            case CacheResult.Hit when outcome.IsNotModified:
                Add(Counter.NotModified);
                break;
            case CacheResult.Hit:
                Add(Counter.Hits);
                Add(Counter.SavedMicroseconds, outcome.SavedMicroseconds);
                break;
            case CacheResult.Miss:
                Add(Counter.Misses);
                break;
            case CacheResult.Stale:
                Add(Counter.Misses);
                Add(Counter.Stale);
                break;
            default:
                Add(Counter.Bypasses);
                break;
        }

        if (outcome.WasRevalidated)
        {
            Add(Counter.Revalidations);
        }
    }

    private void Add(Counter counter, long value = 1) => _counts.Add((int)counter, value);
}

/// <summary>Counts durations in classes that double: class n holds those below 2^n microseconds. Thread-safe.</summary>
public sealed class LatencyHistogram
{
    public const int Classes = 24; // the last class holds everything from 2^22 µs (four seconds) on

    /// <summary>The classes, and behind them the sum of all durations.</summary>
    private readonly StripedCounters _counts = new(Classes + 1);

    public long TotalMicroseconds => _counts[Classes];

    public void Add(TimeSpan duration)
    {
        var microseconds = Math.Max(0, duration.Ticks / TimeSpan.TicksPerMicrosecond);
        var index = Math.Min(Classes - 1, 64 - BitOperations.LeadingZeroCount((ulong)microseconds));
        _counts.Add(index, 1);
        _counts.Add(Classes, microseconds);
    }

    public void CopyTo(Span<long> destination)
    {
        for (var i = 0; i < Classes; i++)
        {
            destination[i] = _counts[i];
        }
    }

    /// <summary>The upper bound of the class in which a quantile lies, in microseconds; 0 where nothing was counted.</summary>
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
