using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// Remembers, per request, the version that was served last: which body of a volatile route is good in which revision, whether the origin
/// answered at all, and whether an older answer is held of a request whose resource changed. A table of fixed size in which newer
/// requests displace older ones. Thread-safe.
/// </summary>
/// <param name="capacity">A power of two, or the next one above.</param>
/// <param name="floor">Unix seconds: dates up to this one may have been handed out before.</param>
internal sealed class RequestMemory(int capacity, long floor)
{
    private readonly Entry?[] _entries = new Entry?[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];
    private long _floor = floor;

    /// <summary>What was remembered of a request, if it still is.</summary>
    public Entry? Find(Digest128 request)
    {
        var entry = Peek(request);
        return entry is not null && entry.Request == request ? entry : null;
    }

    /// <summary>What is in the place of a request, of whatever request it is.</summary>
    public Entry? Peek(Digest128 request) => Volatile.Read(ref _entries[SlotOf(request)]);

    /// <summary>The latest date that may have been handed out for a request other than what is in its place says.</summary>
    public long Floor => Interlocked.Read(ref _floor);

    public void Remember(Entry entry)
    {
        while (!TryRemember(entry, Peek(entry.Request)))
        {
        }
    }

    /// <summary>Remembers an entry; false where the place no longer holds what was seen there.</summary>
    public bool TryRemember(Entry entry, Entry? seen)
    {
        if (Interlocked.CompareExchange(ref _entries[SlotOf(entry.Request)], entry, seen) != seen)
        {
            return false;
        }

        if (seen is not null && seen.Request != entry.Request && seen.LastModified > Floor)
        {
            RaiseFloor(seen.LastModified);
        }

        return true;
    }

    private void RaiseFloor(long seconds)
    {
        for (var present = Floor; present < seconds; present = Floor)
        {
            Interlocked.CompareExchange(ref _floor, seconds, present);
        }
    }

    private int SlotOf(Digest128 request) => (int)(request.Low & (ulong)(_entries.Length - 1));

    /// <param name="Request">Digest of the canonical request.</param>
    /// <param name="Version">Version of the resource, or digest of the body.</param>
    /// <param name="Revision">The revision of any change in which it was current; 0 where the version tells by itself.</param>
    /// <param name="LastModified">Unix seconds.</param>
    internal sealed record Entry(Digest128 Request, Digest128 Version, long Revision, long LastModified);
}
