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

    /// <summary>One for each row of the route table, in its order.</summary>
    public IReadOnlyList<RouteCounters> Routes { get; }

    /// <summary>Durations of hits and 304s, from the version to the response handed over.</summary>
    public LatencyHistogram HitLatency { get; } = new();

    public long Hits => Routes.Sum(r => r.Hits);

    public long Misses => Routes.Sum(r => r.Misses);

    public long NotModified => Routes.Sum(r => r.NotModified);

    public long Bypasses => Routes.Sum(r => r.Bypasses);

    public long Revalidations => Routes.Sum(r => r.Revalidations);

    /// <summary>Requests in which something of ours failed and the origin answered.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Sum over hits of what the origin had needed for the response.</summary>
    public long SavedMicroseconds => Routes.Sum(r => r.SavedMicroseconds);

    /// <summary>All requests, however they were answered.</summary>
    public long Requests => Routes.Sum(r => r.Requests);

    /// <summary>Requests of clients that wait for the origin just now: those are what warm-up must not slow down.</summary>
    public long WaitingForOrigin => Interlocked.Read(ref _waitingForOrigin);

    /// <summary>Bytes of the bodies that were encoded for the store.</summary>
    public long DecodedBytes => Interlocked.Read(ref _decodedBytes);

    /// <summary>What became of them.</summary>
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
