using OrthancCachePlugin.Core.Events;
using OrthancCachePlugin.Core.Hashing;
using OrthancCachePlugin.Core.Policy;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Versions;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// Versions of requests: of the resource where one exists, and for volatile routes the digest of the body, good as long as the epoch
/// of any change stands still.
/// </summary>
internal sealed class RequestVersions(IResourceVersions resources, Epoch epoch, TimeProvider time)
{
    private const int RememberedRequests = 1 << 14;
    private readonly RequestMemory _memory = new(RememberedRequests);

    /// <summary>The version that an answer given now must have.</summary>
    public RequestVersion Current(in CacheRequest request)
    {
        var position = resources.Position;
        var mark = epoch.Read(time.GetTimestampTicks());
        if (request.Route.Kind != RouteKind.Volatile)
        {
            return new RequestVersion(resources.Get(request.Resource, request.Route.Kind, request.Route.Body), mark, position);
        }

        var entry = mark.AnySettled ? _memory.Find(request.Key.RequestDigest) : null;
        var version = entry is not null && entry.Epoch == mark.Any
            ? new ResourceVersion(true, entry.Version, entry.LastModified, true, true)
            : ResourceVersion.Unknown;
        return new RequestVersion(version, mark, position);
    }

    /// <summary>Whether an answer of a version that is not trusted yet may still be kept: asking in vain would only cost the core.</summary>
    public bool WouldBeKept(in CacheRequest request, in RequestVersion current) =>
        request.Route.Kind == RouteKind.Volatile && current.Mark.AnySettled && IsOld(current.Mark, time.GetTimestampTicks());

    /// <summary>
    /// The version that the core's answer belongs to, if it belongs to one alone. For a volatile route the body is the version: the
    /// tag is always right, and it can be served again while nothing moves.
    /// </summary>
    public ResourceVersion Confirm(in CacheRequest request, in RequestVersion before, OriginAnswer answer)
    {
        if (request.Route.Kind != RouteKind.Volatile)
        {
            return resources.Confirm(request.Resource, request.Route.Kind, request.Route.Body, before.Version, before.Position);
        }

        var now = time.GetTimestampTicks();
        var after = epoch.Read(now);
        var isQuiet = before.Mark.AnySettled && after.AnySettled && after.Any == before.Mark.Any
            && IsOld(after, now);
        var version = new ResourceVersion(
            true, Digest128.Of(answer.Body), time.GetUtcNow().ToUnixTimeSeconds(), LastModifiedIsCertain: isQuiet, IsSettled: true);
        if (isQuiet)
        {
            var digest = request.Key.RequestDigest;
            _memory.Remember(new RequestMemory.Entry(digest, version.Digest, after.Any, version.LastModified));
        }

        return version;
    }

    /// <summary>
    /// Whether an answer to this request is held under another version: stale, not just missing. Asked before <see cref="Confirm"/>.
    /// </summary>
    public bool IsStale(in CacheRequest request, Digest128 version)
    {
        var entry = _memory.Find(request.Key.RequestDigest);
        return entry is not null && (request.Route.Kind == RouteKind.Volatile || entry.Version != version);
    }

    /// <summary>Remembers under which version an answer is kept.</summary>
    public void Kept(in CacheRequest request, in ResourceVersion version)
    {
        if (request.Route.Kind != RouteKind.Volatile)
        {
            _memory.Remember(new RequestMemory.Entry(request.Key.RequestDigest, version.Digest, 0, version.LastModified));
        }
    }

    /// <summary>A stored answer knew since when its version holds.</summary>
    public void Learn(in CacheRequest request, in ResourceVersion version, long lastModified)
    {
        if (request.Route.Kind != RouteKind.Volatile)
        {
            resources.LearnLastModified(request.Resource, version, lastModified);
        }
    }

    /// <summary>Whether the last sign of a change is so long ago that a second one in the same second has been told, too.</summary>
    private static bool IsOld(in EpochMark mark, long now) =>
        mark.MovedAt == long.MinValue || now - mark.MovedAt >= RacyTime.Seconds * TimeSpan.TicksPerSecond;
}
