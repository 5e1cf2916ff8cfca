using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

/// <content>
/// Dates: each state of a resource gets one that is later than every date that went out with another state. What is not remembered is
/// covered by a floor: no state that is seen for the first time gets a date below it. Dates change under one lock, so that of two
/// validations that overtake each other neither forgets what the other one handed out; a hit takes none.
/// </content>
public sealed partial class ResourceVersions
{
    private readonly Lock _dates = new();

    private ResourceState Remember(ResourceState state, ResourceState? known)
    {
        lock (_dates)
        {
            Date(state, _table.Find(state.Resource) ?? known);
            var replaced = _table.Remember(state);
            if (replaced is not null && replaced.Resource != state.Resource)
            {
                // Its dates are forgotten: nobody who comes later may be given one of them or an older one.
                RaiseFloor(After(Math.Max(replaced.LastModified, replaced.Names?.LastModified ?? 0)));
            }

            Interlocked.Add(ref _rememberedChildren, (state.Children?.Count ?? 0) - (replaced?.Children?.Count ?? 0));
            return state;
        }
    }

    private void Date(ResourceState state, ResourceState? known)
    {
        state.Names = known?.Names;
        if (known is not null && known.Digest == state.Digest)
        {
            state.LastModified = known.LastModified;
            state.LastModifiedIsCertain = known.LastModifiedIsCertain;
        }
        else if (known is not null)
        {
            // We saw it change, so it changed before now, and whatever was handed out before had an earlier date, even where the
            // clock was set back meanwhile.
            state.LastModified = After(Math.Max(Math.Max(NowSeconds, state.LastUpdate), known.LastModified));
            state.LastModifiedIsCertain = true;
        }
        else
        {
            // Before this process started, or while the table had no place, it may have changed without a trace in LastUpdate.
            var floor = Interlocked.Read(ref _floor);
            state.LastModified = Math.Max(After(state.LastUpdate), floor);
            state.LastModifiedIsCertain = state.LastUpdate >= floor;
        }
    }

    /// <summary>The names are part of an archive's version, and no other route's.</summary>
    private ResourceVersion WithNames(ResourceState state)
    {
        if (!_origin.TryGetNames(state.Resource, out var digest))
        {
            return ResourceVersion.Unknown;
        }

        var names = NamesOf(state, digest);
        var version = state.ToVersion(_time);
        return version with
        {
            Digest = Combine(version.Digest, digest),
            LastModified = Math.Max(version.LastModified, names.LastModified),
        };
    }

    private ArchiveNames NamesOf(ResourceState state, Digest128 digest)
    {
        lock (_dates)
        {
            var present = _table.Find(state.Resource) ?? state;
            if (present.Names is { } names && names.Digest == digest)
            {
                return names;
            }

            // As with the state itself: before the first look they may have changed without a trace.
            var since = present.Names is null ? Interlocked.Read(ref _floor) : After(Math.Max(NowSeconds, present.Names.LastModified));
            return present.Names = new ArchiveNames(digest, since);
        }
    }

    /// <summary>A stored response of this very version knew when the version began: remember it.</summary>
    public void LearnLastModified(Resource resource, in ResourceVersion version, long lastModified)
    {
        lock (_dates)
        {
            var state = _table.Find(resource);
            if (state is not null && state.Digest == version.Digest && !state.LastModifiedIsCertain)
            {
                state.LastModified = lastModified;
                state.LastModifiedIsCertain = true;
            }
        }
    }

    /// <summary>Gives a version no earlier date than this, for the settings of the server changed then.</summary>
    /// <returns>False where the resource has another version by now: then no date can be given.</returns>
    public bool TryDateAfter(Resource resource, in ResourceVersion version, long since)
    {
        lock (_dates)
        {
            // An archive's version holds its names, too: its date is that of the state or a later one.
            var state = _table.Find(resource);
            var isSame = state is not null && (state.Digest == version.Digest
                || (state.Names is { } names && Combine(state.Digest, names.Digest) == version.Digest));
            if (isSame && state!.LastModified < since)
            {
                state.LastModified = since;
                state.LastModifiedIsCertain = true;
            }

            return isSame;
        }
    }

    /// <summary>
    /// A response goes out without validators, perhaps of another state than the present one, and its date may come back in their place
    /// (RFC 9110 section 13.1.3): what is true now has a later date.
    /// </summary>
    private void DateAlone(Resource resource)
    {
        lock (_dates)
        {
            var later = After(NowSeconds);
            if (_table.Find(resource) is { } state)
            {
                state.LastModified = Math.Max(state.LastModified, later);
                state.LastModifiedIsCertain = true;
            }
            else
            {
                RaiseFloor(later);
            }
        }
    }

    /// <summary>The date of what changed in a second is the next one: a client may hold what was answered earlier in that second.</summary>
    private static long After(long seconds) => seconds + 1;

    private void RaiseFloor(long seconds)
    {
        for (var floor = Interlocked.Read(ref _floor); floor < seconds;)
        {
            var seen = Interlocked.CompareExchange(ref _floor, seconds, floor);
            if (seen == floor)
            {
                return;
            }

            floor = seen;
        }
    }
}
