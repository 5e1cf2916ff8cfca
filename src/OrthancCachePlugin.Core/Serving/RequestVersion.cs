using OrthancCachePlugin.Core.Events;
using OrthancCachePlugin.Core.Versions;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>The version that an answer to one request must belong to, and the marks that were read before it was determined.</summary>
/// <param name="Version">Unknown where only the core's answer will tell.</param>
/// <param name="Mark">The epoch before.</param>
/// <param name="Position">The position in the log of mutations before.</param>
internal readonly record struct RequestVersion(ResourceVersion Version, EpochMark Mark, long Position)
{
    /// <summary>Known, and old enough to be told from any other: validators, store and sharing are right.</summary>
    public bool IsTrusted => Version.IsKnown && Version.IsSettled;
}
