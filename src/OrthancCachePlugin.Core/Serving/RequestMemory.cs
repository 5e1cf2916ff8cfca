using OrthancCachePlugin.Core.Hashing;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// Remembers, per request, the version that was served last: which body of a volatile route is good in which epoch, and whether an
/// older answer is held of a request whose resource changed. A table of fixed size in which newer requests displace older ones.
/// </summary>
internal sealed class RequestMemory(int capacity)
{
    private readonly Entry?[] _entries = new Entry?[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)capacity)];

    /// <summary>What was remembered of a request, if it still is.</summary>
    public Entry? Find(Digest128 request)
    {
        var entry = Volatile.Read(ref _entries[SlotOf(request)]);
        return entry is not null && entry.Request == request ? entry : null;
    }

    public void Remember(Entry entry) => Volatile.Write(ref _entries[SlotOf(entry.Request)], entry);

    private int SlotOf(Digest128 request) => (int)(request.Low & (ulong)(_entries.Length - 1));

    /// <param name="Request">Digest of the canonical request.</param>
    /// <param name="Version">Version of the resource, or digest of the body.</param>
    /// <param name="Epoch">The epoch of any change in which it was current; 0 where the version tells by itself.</param>
    /// <param name="LastModified">Unix seconds.</param>
    internal sealed record Entry(Digest128 Request, Digest128 Version, long Epoch, long LastModified);
}
