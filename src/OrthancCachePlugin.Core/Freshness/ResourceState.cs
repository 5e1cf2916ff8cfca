using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>
/// What the last validation of one resource found, and when it was good. What identifies the state never changes in an instance; the
/// marks of when it was last confirmed do, each on its own.
/// </summary>
internal sealed class ResourceState
{
    private long _tracker = -1;
    private long _position;
    private long _lastModified;
    private bool _lastModifiedIsCertain;
    private ArchiveNames? _names;

    public required Resource Resource { get; init; }

    /// <summary>Stands for the state itself.</summary>
    public required Digest128 Digest { get; init; }

    /// <summary><c>LastUpdate</c> in Unix seconds; 0 for instances, which have none.</summary>
    public long LastUpdate { get; init; }

    /// <summary>When it was read, in Unix seconds; 0 where no time stamp has to tell it from another state.</summary>
    public long ReadAt { get; init; }

    /// <summary>The whole database at a moment before this state was read; null where it was not asked.</summary>
    public Digest128? Global { get; init; }

    /// <summary>The instances below, where a deletion made us ask for them.</summary>
    public ChildSet? Children { get; init; }

    /// <summary>The content revision under which it was last confirmed while all was settled; -1 for never.</summary>
    public long Revision
    {
        get => Volatile.Read(ref _tracker);
        set => Volatile.Write(ref _tracker, value);
    }

    /// <summary>Position in the log of mutations up to which they are accounted for.</summary>
    public long Position
    {
        get => Volatile.Read(ref _position);
        set => Volatile.Write(ref _position, value);
    }

    /// <summary>Unix seconds of the last change that we know of.</summary>
    public long LastModified
    {
        get => Volatile.Read(ref _lastModified);
        set => Volatile.Write(ref _lastModified, value);
    }

    public bool LastModifiedIsCertain
    {
        get => Volatile.Read(ref _lastModifiedIsCertain);
        set => Volatile.Write(ref _lastModifiedIsCertain, value);
    }

    /// <summary>The names of an archive's folders, where one was asked for.</summary>
    public ArchiveNames? Names
    {
        get => Volatile.Read(ref _names);
        set => Volatile.Write(ref _names, value);
    }

    /// <summary>The version that it stands for.</summary>
    /// <param name="time">Asked only where it was not old enough already when it was read.</param>
    public ResourceVersion ToVersion(TimeProvider time) => new(
        true,
        Digest,
        LastModified,
        LastModifiedIsCertain,
        ReadAt - LastUpdate >= RacyTime.Seconds || time.GetUtcNow().ToUnixTimeSeconds() - LastUpdate >= RacyTime.Seconds);
}
