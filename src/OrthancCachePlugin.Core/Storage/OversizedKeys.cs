namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Keys whose entries turned out to be larger than the store keeps, so that they are not encoded in vain each time. A key names a version:
/// what is true of it once is true as long as it lives. Newer ones displace older ones. Thread-safe without locks.
/// </summary>
internal sealed class OversizedKeys(ulong seed)
{
    private const int Count = 4096;

    private readonly ulong[] hashes = new ulong[Count];

    public bool Contain(ReadOnlySpan<byte> key)
    {
        var hash = KeyHash.Compute(key, seed);
        return Volatile.Read(ref hashes[hash % Count]) == hash;
    }

    public void Add(ReadOnlySpan<byte> key)
    {
        var hash = KeyHash.Compute(key, seed);
        Volatile.Write(ref hashes[hash % Count], hash);
    }
}
