using System.IO.Hashing;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// The lower half of XxHash3, which notices damage; whoever could forge it could as well write another entry with its checksum. It continues
/// from one piece to the next, or from an identity, by its seed.
/// </summary>
/// <remarks>Part of the formats on disk: the golden files pin it.</remarks>
internal static class Checksum
{
    /// <summary>Continues a sum, at first 0 or an identity. Appending in pieces gives another result than appending at once.</summary>
    public static ulong Append(ulong sum, ReadOnlySpan<byte> bytes) => XxHash3.HashToUInt64(bytes, (long)sum);

    /// <summary>The sum of one piece.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes) => (uint)Append(0, bytes);
}
