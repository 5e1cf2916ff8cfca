using System.IO.Hashing;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// A 64-bit hash of a key. The seed is a secret that differs from store to store, so that nobody can choose requests that share a bucket;
/// keys are compared in full behind it.
/// </summary>
/// <remarks>The links of the log depend on it: another hash is another format (see <see cref="RecordCodec.Magic"/>).</remarks>
internal static class KeyHash
{
    public static ulong Compute(ReadOnlySpan<byte> key, ulong seed) => XxHash3.HashToUInt64(key, (long)seed);
}
