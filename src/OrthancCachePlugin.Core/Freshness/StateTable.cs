using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>
/// Remembers validations in a table of fixed size: four places for each hash, the longest unused of them given up (a clock hand per
/// set would be exact; a counter is enough). Finding takes no lock; remembering is rare and does, so that no resource has two places.
/// </summary>
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

    /// <summary>What was remembered of the resource, if it still is.</summary>
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

    /// <summary>Remembers a state in the place of an older one of the same resource, else of a free or another one.</summary>
    /// <returns>The state whose place it took, of the same resource or of another one, if any.</returns>
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
