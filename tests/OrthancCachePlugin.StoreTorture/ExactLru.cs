namespace OrthancCachePlugin.StoreTorture;

/// <summary>What the store is measured against: a least-recently-used cache that wastes no byte.</summary>
public sealed class ExactLru(long capacity)
{
    private readonly Dictionary<int, LinkedListNode<(int Key, long Size)>> entries = [];
    private readonly LinkedList<(int Key, long Size)> order = [];
    private long used;

    /// <summary>Looks a key up, and inserts it where it is not there.</summary>
    /// <returns>Whether it was a hit.</returns>
    public bool Request(int key, long size)
    {
        if (entries.TryGetValue(key, out var node))
        {
            order.Remove(node);
            order.AddFirst(node);
            return true;
        }

        if (size > capacity)
        {
            return false;
        }

        while (used + size > capacity && order.Last is { } last)
        {
            used -= last.Value.Size;
            entries.Remove(last.Value.Key);
            order.RemoveLast();
        }

        entries[key] = order.AddFirst((key, size));
        used += size;
        return false;
    }
}
