using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>
/// Validates resources: without a call where the revision has not moved since the last time, with one cheap call where only additions
/// can have happened, and deeply where a deletion may have.
/// </summary>
/// <remarks>
/// The order of reads is what makes it right: the marks (epoch, position, state of the database) are read before the origin is asked,
/// so whatever happens in between makes the result look older than it is, never newer.
/// </remarks>
public sealed partial class ResourceVersions
{
    private const int DeepAttempts = 5;

    private readonly OrthancApi _origin;
    private readonly ChangeTracker _tracker;
    private readonly MutationLog _log;
    private readonly TimeProvider _time;
    private readonly VersionSettings _settings;
    private readonly StateTable _table;
    private long _floor;
    private long _rememberedChildren;

    public ResourceVersions(OrthancApi origin, ChangeTracker tracker, MutationLog log, TimeProvider time, VersionSettings settings)
    {
        _origin = origin;
        _tracker = tracker;
        _log = log;
        _time = time;
        _settings = settings;
        _table = new StateTable(settings.RememberedResources);
        _floor = After(NowSeconds);
    }

    /// <summary>A point in the log of mutations, to be read before <see cref="Get"/>.</summary>
    public long Position => _log.Position;

    private long NowSeconds => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>
    /// The version that a request arriving now must see: at least as new as every change whose response was out, or whose event had come,
    /// before this was called.
    /// </summary>
    public ResourceVersion Get(Resource resource, RouteKind kind, BodyKind body)
    {
        var mark = _tracker.Read(_time.GetTimestampTicks());
        var known = _table.Find(resource);
        var isCurrent = known is not null && mark.ContentSettled && known.Revision == mark.Content;
        var state = isCurrent ? known : kind == RouteKind.Content ? ValidateContent(resource, known, mark) : ValidateDerived(resource, known, mark);
        if (state is null)
        {
            return ResourceVersion.Unknown with { WasRevalidated = true };
        }

        var version = body == BodyKind.Archive ? WithNames(state) : state.ToVersion(_time);
        return version with { WasRevalidated = !isCurrent || body == BodyKind.Archive };
    }

    /// <summary>
    /// The version again, after the origin has computed something, if all of the computation belongs to it; unknown where the state may have
    /// moved in between.
    /// </summary>
    /// <param name="resource">The resource.</param>
    /// <param name="kind">What the route depends on.</param>
    /// <param name="body">What the route answers with.</param>
    /// <param name="before">What <see cref="Get"/> said before the origin was asked.</param>
    /// <param name="position">What <see cref="Position"/> was before that.</param>
    public ResourceVersion Confirm(Resource resource, RouteKind kind, BodyKind body, in ResourceVersion before, long position)
    {
        // Settled before, too: in the second of a change, another one may have come while the origin computed, and look the same now.
        var after = before.IsKnown ? Get(resource, kind, body) : ResourceVersion.Unknown;
        var isSame = before.IsSettled && after.IsKnown && after.Digest == before.Digest;
        if (isSame && after.IsSettled && (kind != RouteKind.Content || !_log.MayHaveTouched(position, resource.Id)))
        {
            return after;
        }

        DateAlone(resource);
        return ResourceVersion.Unknown;
    }

    private ResourceState? ValidateContent(Resource resource, ResourceState? state, in RevisionMark mark)
    {
        var position = _log.Position;
        if (!_origin.TryGetContent(resource.Id, out var digest))
        {
            return null;
        }

        if (state is null || state.Digest != digest)
        {
            state = Remember(new ResourceState { Resource = resource, Digest = digest, Position = position }, state);
        }

        Confirm(state, mark, position);
        return state;
    }

    private ResourceState? ValidateDerived(Resource resource, ResourceState? state, in RevisionMark mark)
    {
        if (mark.ContentSettled)
        {
            var position = _log.Position;
            if (state is not null && state.Revision >= mark.DeepBefore && IsUnchanged(state, position))
            {
                Confirm(state, mark, position);
                return state;
            }

            state = ValidateDeeply(resource, state, global: null);
            if (state is not null)
            {
                Confirm(state, mark, position);
            }

            return state;
        }

        // Something may be happening that we will hear of late or never: compare the whole database instead of trusting the revision.
        if (!_origin.TryGetGlobal(out var global))
        {
            return null;
        }

        if (state is not null && state.Global == global)
        {
            return state;
        }

        // Its two halves may belong to two moments; what is remembered may not.
        var isOneMoment = _origin.TryGetGlobal(out var again) && again == global;
        return ValidateDeeply(resource, state, isOneMoment ? global : null);
    }

    /// <summary>One cheap call. Additions and overwrites show in LastUpdate; deletions there too, or in the log of what was deleted.</summary>
    private bool IsUnchanged(ResourceState state, long position)
    {
        if (IsRacy(state))
        {
            return false;
        }

        var since = state.Position;
        var noneDeleted = _settings.LastUpdateMovesOnDelete
            || position == since
            || _log.Deletions == 0
            || (state.Children is not null && !_log.MayHaveDeleted(since, state.Children));
        return noneDeleted && _origin.TryGetLastUpdate(state.Resource, out var lastUpdate) && lastUpdate == state.LastUpdate;
    }

    /// <summary>LastUpdate, statistics, and LastUpdate again, so that both belong to one state.</summary>
    private ResourceState? ValidateDeeply(Resource resource, ResourceState? known, Digest128? global)
    {
        var position = _log.Position;
        var readAt = NowSeconds;
        for (var attempt = 0; attempt < DeepAttempts; attempt++)
        {
            if (!_origin.TryGetLastUpdate(resource, out var lastUpdate))
            {
                return null;
            }

            // Asked for only where a deletion somewhere has already cost a deep validation and may do so again. Before the statistics: a child
            // that is deleted in between is then one too many, which costs a validation; the other way round it would be missed when
            // its deletion is told.
            var children = ChildrenFor(resource, known, lastUpdate);
            if (!_origin.TryGetStatistics(resource, out var statistics)
                || !_origin.TryGetLastUpdate(resource, out var lastUpdateAgain))
            {
                return null;
            }

            if (lastUpdate == lastUpdateAgain)
            {
                var state = new ResourceState
                {
                    Resource = resource,
                    Digest = Combine(new Digest128((ulong)lastUpdate, 0), statistics),
                    LastUpdate = lastUpdate,
                    ReadAt = readAt,
                    Global = global,
                    Children = children,
                    Position = position,
                };
                return Remember(state, known);
            }
        }

        return null;
    }

    private ChildSet? ChildrenFor(Resource resource, ResourceState? known, long lastUpdate)
    {
        var isGrowing = known is null || known.LastUpdate != lastUpdate;
        if (_settings.LastUpdateMovesOnDelete || isGrowing || _log.Deletions == 0)
        {
            return null;
        }

        if (known!.Children is not null && !IsRacy(known))
        {
            return known.Children; // a child that is gone since then does no harm: it cannot be deleted again without coming back
        }

        if (Interlocked.Read(ref _rememberedChildren) > _settings.RememberedChildren)
        {
            return null;
        }

        var builder = new ChildSet.Builder(_settings.ChildrenPerResource);
        return _origin.TryGetInstances(resource, builder) ? builder.Build() : null;
    }

    /// <summary>What was read in the very second of its LastUpdate may have changed once more in that second ("racily clean").</summary>
    private static bool IsRacy(ResourceState state) => state.ReadAt - state.LastUpdate < RacyTime.Seconds;

    private static void Confirm(ResourceState state, in RevisionMark mark, long position)
    {
        if (mark.ContentSettled)
        {
            state.Position = position;
            state.Revision = mark.Content;
        }
    }

    private static Digest128 Combine(Digest128 first, Digest128 second)
    {
        Span<byte> bytes = stackalloc byte[2 * Digest128.Size];
        first.CopyTo(bytes);
        second.CopyTo(bytes[Digest128.Size..]);
        return Digest128.Of(bytes);
    }
}

/// <summary>The version of a resource as far as one kind of route depends on it.</summary>
/// <param name="IsKnown">False where the origin did not tell: the resource does not exist, or something fails. Nothing is cached then.</param>
/// <param name="Digest">Equal for equal states, over restarts too.</param>
/// <param name="LastModified">
/// Unix time in seconds: after the last change that we know of, and after every date that went out with another state. It may be a
/// second ahead of the clock; then it is not to be sent yet.
/// </param>
/// <param name="LastModifiedIsCertain">
/// False where the resource may have changed before this process started without a trace in the origin; a stored response of the same
/// version knows better.
/// </param>
/// <param name="IsSettled">
/// False while the state is so young that another change in the same second could not be told from it (the rule of git's index for
/// "racily clean" files): the response is neither kept nor given a validator.
/// </param>
public readonly record struct ResourceVersion(
    bool IsKnown, Digest128 Digest, long LastModified, bool LastModifiedIsCertain, bool IsSettled)
{
    /// <summary>Whether the origin was asked for it.</summary>
    public bool WasRevalidated { get; init; }

    /// <summary>Nothing is known.</summary>
    public static ResourceVersion Unknown => default;
}

/// <summary>What the version of Orthanc and the size of the tables mean for validation.</summary>
public sealed record VersionSettings
{
    /// <summary>True from Orthanc 1.12.1 on: deleting a child moves <c>LastUpdate</c> of those above it.</summary>
    public required bool LastUpdateMovesOnDelete { get; init; }

    /// <summary>Resources whose last validation is remembered; about 200 bytes each.</summary>
    public int RememberedResources { get; init; } = 1 << 16;

    /// <summary>Identifiers of children that are remembered over all resources; 4 bytes each.</summary>
    public int RememberedChildren { get; init; } = 1 << 21;

    /// <summary>Children of one resource that are remembered; a larger one is validated deeply after each deletion.</summary>
    public int ChildrenPerResource { get; init; } = 1 << 16;
}

/// <summary>
/// The age below which a state is not trusted, because time stamps have whole seconds: two changes in one second look like one.
/// </summary>
public static class RacyTime
{
    /// <summary>Two: one for the cut to whole seconds on either side of the comparison.</summary>
    public const int Seconds = 2;
}
