using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// Versions of requests: of the resource where one exists, and for volatile routes the digest of the body, good as long as the revision
/// of any change stands still.
/// </summary>
internal sealed class RequestVersions(ResourceVersions resources, ChangeTracker tracker, TimeProvider time)
{
    private const int RememberedRequests = 1 << 14;
    private readonly RequestMemory _memory = new(RememberedRequests, time.GetUtcNow().ToUnixTimeSeconds());

    /// <summary>The version that a response given now must have.</summary>
    public RequestVersion Current(in CacheRequest request)
    {
        var position = resources.Position;
        if (request.Route.Kind != RouteKind.Volatile)
        {
            return new RequestVersion(resources.Get(request.Resource, request.Route.Kind, request.Route.Body), default, position);
        }

        var mark = tracker.Read(time.GetTimestampTicks());

        var entry = mark.AnySettled ? _memory.Find(request.Key.RequestDigest) : null;
        var version = entry is not null && entry.Revision == mark.Any
            ? new ResourceVersion(true, entry.Version, entry.LastModified, true, true)
            : ResourceVersion.Unknown;
        return new RequestVersion(version, mark, position);
    }

    /// <summary>Whether a response of a version that is not trusted yet may still be kept: asking in vain would only cost the origin.</summary>
    public bool WouldBeStored(in CacheRequest request, in RequestVersion current) =>
        request.Route.Kind == RouteKind.Volatile && current.Mark.AnySettled && IsOld(current.Mark, time.GetTimestampTicks());

    /// <summary>
    /// The version that the origin's answer belongs to, if it belongs to one alone. For a volatile route the body is the version: the
    /// tag is always right, and it can be served again while nothing moves.
    /// </summary>
    public ResourceVersion Confirm(in CacheRequest request, in RequestVersion before, OriginResponse response, long since)
    {
        if (request.Route.Kind != RouteKind.Volatile)
        {
            return resources.Confirm(request.Resource, request.Route.Kind, request.Route.Body, before.Version, before.Position);
        }

        var now = time.GetTimestampTicks();
        var after = tracker.Read(now);
        var isQuiet = before.Mark.AnySettled && after.AnySettled && after.Any == before.Mark.Any
            && IsOld(after, now);
        var body = Digest128.Of(response.Body);
        var lastModified = 0L;
        var isDated = isQuiet && TryDate(request.Key.RequestDigest, body, after.Any, since, out lastModified);
        return new ResourceVersion(true, body, lastModified, LastModifiedIsCertain: isDated, IsSettled: true);
    }

    /// <summary>The response is sent, but belongs to no version: what is true now gets a later date than it.</summary>
    public ResourceVersion Reject(in CacheRequest request, in RequestVersion before, OriginResponse response, long since) =>
        Confirm(request, before with { Version = ResourceVersion.Unknown }, response, since);

    /// <summary>Gives a body of a volatile route a date that no other body of that request ever had, and remembers both.</summary>
    private bool TryDate(Digest128 request, Digest128 body, long revisionOfAny, long since, out long lastModified)
    {
        var seen = _memory.Peek(request);
        var known = seen is not null && seen.Request == request ? seen : null;
        if (known is not null && known.Revision == revisionOfAny && known.Version == body && known.LastModified >= since)
        {
            lastModified = known.LastModified;
            return true;
        }

        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var taken = known?.LastModified ?? _memory.Floor;
        lastModified = now;
        return now > taken && now >= since && _memory.TryRemember(new RequestMemory.Entry(request, body, revisionOfAny, now), seen);
    }

    /// <summary>
    /// Whether a response to this request is held under another version: stale, not just missing. Asked before <see cref="Confirm"/>.
    /// </summary>
    public bool IsStale(in CacheRequest request, Digest128 version)
    {
        var entry = _memory.Find(request.Key.RequestDigest);
        return entry is not null && (request.Route.Kind == RouteKind.Volatile || entry.Version != version);
    }

    /// <summary>Whether the origin has answered this request with a success under this version.</summary>
    public bool HasSucceeded(in CacheRequest request, in ResourceVersion version) =>
        _memory.Find(request.Key.RequestDigest) is { } entry && entry.Version == version.Digest;

    /// <summary>Remembers under which version the origin has answered with a success.</summary>
    public void Succeeded(in CacheRequest request, in ResourceVersion version)
    {
        if (request.Route.Kind != RouteKind.Volatile && !HasSucceeded(request, version))
        {
            _memory.Remember(new RequestMemory.Entry(request.Key.RequestDigest, version.Digest, 0, version.LastModified));
        }
    }

    /// <summary>Gives the version no earlier date than this; false where that cannot be.</summary>
    public bool TryDateAfter(in CacheRequest request, in ResourceVersion version, long since) =>
        request.Route.Kind != RouteKind.Volatile && resources.TryDateAfter(request.Resource, version, since);

    /// <summary>A stored answer knew since when its version holds.</summary>
    public void Learn(in CacheRequest request, in ResourceVersion version, long lastModified)
    {
        if (request.Route.Kind != RouteKind.Volatile)
        {
            resources.LearnLastModified(request.Resource, version, lastModified);
        }
    }

    /// <summary>Whether the last sign of a change is so long ago that a second one in the same second has been told, too.</summary>
    private static bool IsOld(in RevisionMark mark, long now) =>
        mark.MovedAt == long.MinValue || now - mark.MovedAt >= RacyTime.Seconds * TimeSpan.TicksPerSecond;
}

/// <summary>The version that a response to one request must belong to, and the marks that were read before it was determined.</summary>
/// <param name="Version">Unknown where only the origin's answer will tell.</param>
/// <param name="Mark">The revision before.</param>
/// <param name="Position">The position in the log of mutations before.</param>
internal readonly record struct RequestVersion(ResourceVersion Version, RevisionMark Mark, long Position)
{
    /// <summary>Known, and old enough to be told from any other: validators, store and sharing are right.</summary>
    public bool IsTrusted => Version.IsKnown && Version.IsSettled;
}

/// <summary>
/// Remembers, per request, the version that was served last: which body of a volatile route is good in which revision, whether the origin
/// answered at all, and whether an older answer is held of a request whose resource changed. A table of fixed size in which newer
/// requests displace older ones. Thread-safe.
/// </summary>
/// <param name="capacity">A power of two, or the next one above.</param>
/// <param name="floor">Unix seconds: dates up to this one may have been handed out before.</param>
internal sealed class RequestMemory(int capacity, long floor)
{
    private readonly Entry?[] _entries = new Entry?[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
    private long _floor = floor;

    /// <summary>What was remembered of a request, if it still is.</summary>
    public Entry? Find(Digest128 request)
    {
        var entry = Peek(request);
        return entry is not null && entry.Request == request ? entry : null;
    }

    /// <summary>What is in the place of a request, of whatever request it is.</summary>
    public Entry? Peek(Digest128 request) => Volatile.Read(ref _entries[SlotOf(request)]);

    /// <summary>The latest date that may have been handed out for a request other than what is in its place says.</summary>
    public long Floor => Interlocked.Read(ref _floor);

    public void Remember(Entry entry)
    {
        while (!TryRemember(entry, Peek(entry.Request)))
        {
        }
    }

    /// <summary>Remembers an entry; false where the place no longer holds what was seen there.</summary>
    public bool TryRemember(Entry entry, Entry? seen)
    {
        if (Interlocked.CompareExchange(ref _entries[SlotOf(entry.Request)], entry, seen) != seen)
        {
            return false;
        }

        if (seen is not null && seen.Request != entry.Request && seen.LastModified > Floor)
        {
            RaiseFloor(seen.LastModified);
        }

        return true;
    }

    private void RaiseFloor(long seconds)
    {
        for (var present = Floor; present < seconds; present = Floor)
        {
            Interlocked.CompareExchange(ref _floor, seconds, present);
        }
    }

    private int SlotOf(Digest128 request) => (int)(request.Low & (ulong)(_entries.Length - 1));

    /// <param name="Request">Digest of the canonical request.</param>
    /// <param name="Version">Version of the resource, or digest of the body.</param>
    /// <param name="Revision">The revision of any change in which it was current; 0 where the version tells by itself.</param>
    /// <param name="LastModified">Unix seconds.</param>
    internal sealed record Entry(Digest128 Request, Digest128 Version, long Revision, long LastModified);
}
