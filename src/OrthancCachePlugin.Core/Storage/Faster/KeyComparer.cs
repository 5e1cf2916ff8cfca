using FASTER.core;

namespace OrthancCachePlugin.Core.Storage.Faster;

/// <summary>Hashes with the process's own seed and compares keys in full.</summary>
internal sealed class KeyComparer(ulong seed) : IFasterEqualityComparer<SpanByte>
{
    /// <inheritdoc/>
    public long GetHashCode64(ref SpanByte k) => (long)KeyHash.Compute(k.AsReadOnlySpan(), seed);

    /// <inheritdoc/>
    public bool Equals(ref SpanByte k1, ref SpanByte k2) => k1.AsReadOnlySpan().SequenceEqual(k2.AsReadOnlySpan());
}
