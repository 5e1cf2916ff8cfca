using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>Validates resources: without a call where the revision has not moved since the last time, with one cheap call where only additions can
/// have happened, and deeply where a deletion may have.</summary>
/// <remarks>The order of reads is what makes it right: the marks (revision, position, state of the database) are read before the origin is asked, so
/// whatever happens in between makes the result look older than it is, never newer.</remarks>
public sealed class ResourceVersions
{
    private const int DeepAttempts = 5;

    private readonly OrthancApi _origin;
    private readonly ChangeTracker _tracker;
    private readonly MutationLog _log;
    private readonly TimeProvider _time;
    private readonly StateTable _table;
    private long _rememberedChildren;

    public ResourceVersions(OrthancApi origin, ChangeTracker tracker, MutationLog log, TimeProvider time, VersionSettings settings)
    {
        _origin = origin;
        _tracker = tracker;
        _log = log;
        _time = time;
        Settings = settings;
        _table = new StateTable(settings.RememberedResources);
    }

    public VersionSettings Settings { get; }

    /// <summary>A point in the log of mutations, to be read before <see cref="Get"/>.</summary>
    public long Position => _log.Position;

    private long NowSeconds => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>The version that a request arriving now must see: at least as new as every change whose response was out, or whose event had come,
    /// before this was called.</summary>
    public ResourceVersion Get(Resource resource, RouteKind kind, BodyKind body)
    {
        var state = Validate(resource, kind, out var isCurrent);
        if (state is null)
        {
            return ResourceVersion.Unknown with { WasRevalidated = true };
        }

        var version = body == BodyKind.Archive ? WithNames(state, kind) : state.ToVersion(_time);
        return version with { WasRevalidated = !isCurrent || body == BodyKind.Archive };
    }

    /// <summary>
    /// The version of a parent as the origin has it now, whatever is remembered: where a response is made of several resources, what was
    /// validated at an earlier moment than another may lack a deletion that nobody has told of yet.
    /// </summary>
    public ResourceVersion GetAnew(Resource resource)
    {
        var mark = _tracker.Read(_time.GetTimestampTicks());
        var position = _log.Position;
        if (ValidateDeeply(resource, _table.Find(resource), global: null) is not { } state)
        {
            return ResourceVersion.Unknown;
        }

        Confirm(state, mark, position);
        return state.ToVersion(_time);
    }

    private ResourceState? Validate(Resource resource, RouteKind kind, out bool isCurrent)
    {
        var mark = _tracker.Read(_time.GetTimestampTicks());
        var known = _table.Find(resource);
        isCurrent = known is not null && mark.ContentSettled && known.Revision == mark.Content;
        return isCurrent ? known : kind == RouteKind.Content ? ValidateContent(resource, known, mark) : ValidateDerived(resource, known, mark);
    }

    /// <summary>The version again, after the origin has computed something, if all of the computation belongs to it; unknown where the state may have
    /// moved in between.</summary>
    public ResourceVersion Confirm(Resource resource, RouteKind kind, BodyKind body, in ResourceVersion before, long position)
    {
        // Settled before, too: in the second of a change, another one may have come while the origin computed, and look the same now.
        var after = before.IsKnown ? Get(resource, kind, body) : ResourceVersion.Unknown;
        var isSame = before.IsSettled && after.IsKnown && after.Digest == before.Digest;
        return isSame && after.IsSettled && (kind != RouteKind.Content || !_log.MayHaveTouched(position, resource.Id))
            ? after
            : ResourceVersion.Unknown;
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
            state = Remember(new ResourceState { Resource = resource, Digest = digest, Position = position });
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
        var noneDeleted = Settings.LastUpdateMovesOnDelete
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
                    Digest = Digest128.Combine(new Digest128((ulong)lastUpdate, 0), statistics),
                    LastUpdate = lastUpdate,
                    ReadAt = readAt,
                    Global = global,
                    Children = children,
                    Position = position,
                };
                return Remember(state);
            }
        }

        return null;
    }

    private ResourceState Remember(ResourceState state)
    {
        var replaced = _table.Remember(state);
        Interlocked.Add(ref _rememberedChildren, (state.Children?.Count ?? 0) - (replaced?.Children?.Count ?? 0));
        return state;
    }

    /// <summary>The names of its folders are part of an archive's version, and no other route's. Both must be of one moment.</summary>
    private ResourceVersion WithNames(ResourceState state, RouteKind kind)
    {
        var version = state.ToVersion(_time);
        return _origin.TryGetNames(state.Resource, out var names) && Validate(state.Resource, kind, out _)?.Digest == state.Digest
            ? version with { Digest = Digest128.Combine(version.Digest, names) }
            : ResourceVersion.Unknown;
    }

    private ChildSet? ChildrenFor(Resource resource, ResourceState? known, long lastUpdate)
    {
        var isGrowing = known is null || known.LastUpdate != lastUpdate;
        if (Settings.LastUpdateMovesOnDelete || isGrowing || _log.Deletions == 0)
        {
            return null;
        }

        if (known!.Children is not null && !IsRacy(known))
        {
            return known.Children; // a child that is gone since then does no harm: it cannot be deleted again without coming back
        }

        if (Interlocked.Read(ref _rememberedChildren) > Settings.RememberedChildren)
        {
            return null;
        }

        var builder = new ChildSet.Builder(Settings.ChildrenPerResource);
        return _origin.TryGetInstances(resource, builder.TryAdd) ? builder.Build() : null;
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
}

/// <summary>The version of a resource as far as one kind of route depends on it.</summary>
/// <param name="IsKnown">False where the origin did not tell: the resource does not exist, or something fails. Nothing is cached then.</param>
/// <param name="LastUpdate">Unix seconds; 0 for instances, which have none.</param>
/// <param name="IsSettled">False while the state is so young that another change in the same second could not be told from it (the rule of git's
/// index for "racily clean" files): the response is neither stored nor given validators.</param>
public readonly record struct ResourceVersion(
    bool IsKnown, Digest128 Digest, long LastUpdate, bool IsSettled)
{
    /// <summary>A body that came while something was changing: its tag is right, but it is not to be served again.</summary>
    public bool IsTransient { get; init; }

    public bool WasRevalidated { get; init; }

    public static ResourceVersion Unknown => default;
}

public sealed record VersionSettings
{
    /// <summary>True from Orthanc 1.12.1 on: deleting a child moves <c>LastUpdate</c> of those above it.</summary>
    public required bool LastUpdateMovesOnDelete { get; init; }

    public int RememberedResources { get; init; } = 1 << 16; // resources whose last validation is remembered; about 200 bytes each

    public int RememberedRequests { get; init; } = 1 << 16; // requests whose last version and date are remembered; about 100 bytes each

    public int RememberedChildren { get; init; } = 1 << 21; // identifiers of children that are remembered over all resources; 4 bytes each

    /// <summary>Children of one resource that are remembered; a larger one is validated deeply after each deletion.</summary>
    public int ChildrenPerResource { get; init; } = 1 << 16;
}

/// <summary>The age below which a state is not trusted: time stamps have whole seconds, cut on either side of the comparison.</summary>
public static class RacyTime
{
    public const int Seconds = 2;
}

/// <summary>Validations in a table of fixed size, four places for each hash. Finding takes no lock; remembering does, so that no resource has two
/// places.</summary>
internal sealed class StateTable
{
    private const int Ways = 4;
    private readonly Lock _lock = new();
    private readonly ResourceState?[] _slots;
    private readonly byte[] _hands;
    private readonly int _mask;

    public StateTable(int capacity)
    {
        var sets = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, capacity / Ways));
        _slots = new ResourceState?[sets * Ways];
        _hands = new byte[sets];
        _mask = sets - 1;
    }

    public ResourceState? Find(Resource resource)
    {
        var first = SetOf(resource) * Ways;
        for (var i = first; i < first + Ways; i++)
        {
            var state = Volatile.Read(ref _slots[i]);
            if (state is not null && state.Resource == resource)
            {
                return state;
            }
        }

        return null;
    }

    public ResourceState? Remember(ResourceState state)
    {
        lock (_lock)
        {
            var slot = PlaceOf(state.Resource);
            var replaced = _slots[slot];
            Volatile.Write(ref _slots[slot], state);
            return replaced;
        }
    }

    private int PlaceOf(Resource resource)
    {
        var set = SetOf(resource);
        var free = -1;
        for (var i = set * Ways; i < (set * Ways) + Ways; i++)
        {
            if (_slots[i] is not { } present)
            {
                free = i;
            }
            else if (present.Resource == resource)
            {
                return i;
            }
        }

        return free >= 0 ? free : (set * Ways) + (_hands[set]++ & (Ways - 1));
    }

    private int SetOf(Resource resource) => (int)(resource.Id.Word1 + (ulong)resource.Level) & _mask;
}

/// <summary>What the last validation of one resource found. The state never changes in an instance; the marks of its confirmation do.</summary>
internal sealed class ResourceState
{
    private long _tracker = -1;
    private long _position;

    public required Resource Resource { get; init; }

    public required Digest128 Digest { get; init; }

    /// <summary><c>LastUpdate</c> in Unix seconds; 0 for instances, which have none.</summary>
    public long LastUpdate { get; init; }

    /// <summary>When it was read, in Unix seconds; 0 where no time stamp has to tell it from another state.</summary>
    public long ReadAt { get; init; }

    public Digest128? Global { get; init; } // the whole database at a moment before this state was read; null where it was not asked

    public ChildSet? Children { get; init; } // the instances below, where a deletion made us ask for them

    /// <summary>The content revision under which it was last confirmed while all was settled; -1 for never.</summary>
    public long Revision
    {
        get => Volatile.Read(ref _tracker);
        set => Volatile.Write(ref _tracker, value);
    }

    public long Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }

    public ResourceVersion ToVersion(TimeProvider time) => new(
        true,
        Digest,
        LastUpdate,
        ReadAt - LastUpdate >= RacyTime.Seconds || time.GetUtcNow().ToUnixTimeSeconds() - LastUpdate >= RacyTime.Seconds);
}
