using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>The version that a response to one request must belong to, and the marks that were read before it was determined.</summary>
/// <param name="Version">Unknown where only the origin's response will tell.</param>
/// <param name="Mark">The revision before.</param>
/// <param name="Position">The position in the log of mutations before.</param>
internal readonly record struct RequestVersion(ResourceVersion Version, RevisionMark Mark, long Position)
{
    /// <summary>Known, and old enough to be told from any other: validators, store and sharing are right.</summary>
    public bool IsTrusted => Version.IsKnown && Version.IsSettled;
}

/// <summary>Versions and dates of requests. The version is that of the resource; of a volatile route it is the digest of the body, good as long as
/// the revision of any change stands still.</summary>
internal sealed class RequestVersions(ResourceVersions resources, ChangeTracker tracker, TimeProvider time)
{
    private readonly LastModifiedPolicy _dates = new(resources.Settings.RememberedRequests, time.GetUtcNow().ToUnixTimeSeconds());

    private long NowSeconds => time.GetUtcNow().ToUnixTimeSeconds();

    public RequestVersion Current(in CacheRequest request)
    {
        var position = resources.Position;
        if (request.Route.Kind != RouteKind.Volatile)
        {
            return new RequestVersion(resources.Get(request.Resource, request.Route.Kind, request.Route.Body), default, position);
        }

        var mark = tracker.Read(time.GetTimestampTicks());
        var last = mark.AnySettled ? _dates.Find(request.Key.RequestDigest) : null;
        var version = last is not null && last.Revision == mark.Any ? new ResourceVersion(true, last.Version, 0, IsSettled: true) : ResourceVersion.Unknown;
        return new RequestVersion(version, mark, position);
    }

    /// <summary>Whether a response of a version that is not trusted yet may still be stored.</summary>
    public bool WouldBeStored(in CacheRequest request, in RequestVersion current) =>
        request.Route.Kind == RouteKind.Volatile && current.Mark.AnySettled && IsOld(current.Mark, time.GetTimestampTicks());

    /// <summary>The version that the origin's response belongs to, if it belongs to one alone.</summary>
    public ResourceVersion Confirm(in CacheRequest request, in RequestVersion before, OriginResponse response)
    {
        if (request.Route.Kind != RouteKind.Volatile)
        {
            return resources.Confirm(request.Resource, request.Route.Kind, request.Route.Body, before.Version, before.Position);
        }

        var now = time.GetTimestampTicks();
        var after = tracker.Read(now);
        var isQuiet = before.Mark.AnySettled && after.AnySettled && after.Any == before.Mark.Any && IsOld(after, now);
        return new ResourceVersion(true, Digest128.Of(response.Body), 0, IsSettled: true) { IsTransient = !isQuiet };
    }

    /// <summary>Whether the last response to this request was of another version. Asked before a new one gets its date.</summary>
    public bool IsStale(in CacheRequest request, Digest128 version) =>
        _dates.Find(request.Key.RequestDigest) is { } last
        && (request.Route.Kind == RouteKind.Volatile || (last.Version != default && last.Version != version));

    /// <summary>The date of a version; null where the origin is not known to have answered this request with a success under it.</summary>
    public long? DateOf(in CacheRequest request, in ResourceVersion version, SettingsSince since) =>
        _dates.Find(request.Key.RequestDigest, version.Digest, since.Seconds, NowSeconds);

    /// <summary>The date of a version with which the origin has answered; null where it is not to be served again.</summary>
    public long? DateAnswered(in CacheRequest request, in RequestVersion before, in ResourceVersion version, SettingsSince since) =>
        version.IsTransient ? null
        : request.Route.Kind == RouteKind.Volatile
            ? _dates.Quiet(request.Key.RequestDigest, version.Digest, before.Mark.Any, since.Seconds, NowSeconds)
            : _dates.Answered(request.Key.RequestDigest, version.Digest, version.LastUpdate, since.Seconds, NowSeconds);

    /// <summary>The same of another request, for the content of the same instance.</summary>
    public long? DateAnswered(Digest128 requestDigest, in ResourceVersion version, SettingsSince since) =>
        version.IsTransient ? null : _dates.Answered(requestDigest, version.Digest, version.LastUpdate, since.Seconds, NowSeconds);

    /// <summary>The date of a version of which a response was found that was stored with a date.</summary>
    public long? DateFound(in CacheRequest request, in ResourceVersion version, long stored, SettingsSince since) =>
        request.Route.Kind == RouteKind.Volatile
            ? null
            : _dates.Found(request.Key.RequestDigest, version.Digest, stored, since.Seconds, NowSeconds);

    /// <summary>A response goes out that belongs to no known version.</summary>
    public void SentWithoutValidators(in CacheRequest request)
    {
        if (request.Route.Kind != RouteKind.Volatile)
        {
            _dates.SentWithoutValidators(request.Key.RequestDigest, NowSeconds);
        }
    }

    /// <summary>Whether the last sign of a change is so long ago that a second one in the same second has been told, too.</summary>
    private static bool IsOld(in RevisionMark mark, long now) =>
        mark.MovedAt == long.MinValue || now - mark.MovedAt >= RacyTime.Seconds * TimeSpan.TicksPerSecond;
}
