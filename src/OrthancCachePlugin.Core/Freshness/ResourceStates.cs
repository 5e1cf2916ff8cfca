using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

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
