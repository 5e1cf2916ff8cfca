using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Versions;

/// <content>
/// Dates: each state of a resource gets one that is later than every date that went out with another state. What is not remembered is
/// covered by a floor: no state that is seen for the first time gets a date below it.
/// </content>
public sealed partial class ResourceVersions
{
    private ResourceState Remember(ResourceState state, ResourceState? known)
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

        var replaced = _table.Remember(state);
        if (replaced is not null && replaced.Resource != state.Resource)
        {
            // Its dates are forgotten: nobody who comes later may be given one of them or an older one.
            RaiseFloor(After(Math.Max(replaced.LastModified, replaced.Names?.LastModified ?? 0)));
        }

        Interlocked.Add(ref _rememberedChildren, (state.Children?.Count ?? 0) - (replaced?.Children?.Count ?? 0));
        return state;
    }

    /// <summary>The names are part of an archive's version, and no other route's.</summary>
    private ResourceVersion WithNames(ResourceState state)
    {
        if (!_core.TryGetNames(state.Resource, out var digest))
        {
            return ResourceVersion.Unknown;
        }

        var names = state.Names;
        if (names is null || names.Digest != digest)
        {
            // As with the state itself: before the first look they may have changed without a trace.
            var since = names is null ? Interlocked.Read(ref _floor) : After(Math.Max(NowSeconds, names.LastModified));
            state.Names = names = new ArchiveNames(digest, since);
        }

        var version = state.ToVersion(NowSeconds);
        return version with
        {
            Digest = Combine(version.Digest, digest),
            LastModified = Math.Max(version.LastModified, names.LastModified),
        };
    }

    /// <summary>
    /// An answer goes out without validators, perhaps of another state than the present one, and its date may come back in their place
    /// (RFC 9110 section 13.1.3): what is true now has a later date.
    /// </summary>
    private void DateAlone(Resource resource)
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
