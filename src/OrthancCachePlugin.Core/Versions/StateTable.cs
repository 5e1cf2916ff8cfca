using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Versions;

/// <summary>
/// Remembers validations in a table of fixed size: four places for each hash, the longest unused of them given up (a clock hand per
/// set would be exact; a counter is enough). Lock-free: a lost race costs a validation, never a wrong one.
/// </summary>
internal sealed class StateTable
{
    private const int Ways = 4;
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
    /// <returns>The state of another resource that had to go, if any.</returns>
    public ResourceState? Remember(ResourceState state)
    {
        var set = SetOf(state.Resource);
        var free = -1;
        for (var i = set * Ways; i < (set * Ways) + Ways; i++)
        {
            var present = Volatile.Read(ref _slots[i]);
            if (present is not null && present.Resource == state.Resource)
            {
                Interlocked.Exchange(ref _slots[i], state);
                return null;
            }

            free = present is null ? i : free;
        }

        var slot = free >= 0 ? free : (set * Ways) + (_hands[set]++ & (Ways - 1));
        return Interlocked.Exchange(ref _slots[slot], state);
    }

    private int SetOf(Resource resource) => (int)(resource.Id.Word1 + (ulong)resource.Level) & _mask;
}
