using OrthancCachePlugin.Core.Freshness;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>The version that a response to one request must belong to, and the marks that were read before it was determined.</summary>
/// <param name="Version">Unknown where only the origin's answer will tell.</param>
/// <param name="Mark">The revision before.</param>
/// <param name="Position">The position in the log of mutations before.</param>
internal readonly record struct RequestVersion(ResourceVersion Version, RevisionMark Mark, long Position)
{
    /// <summary>Known, and old enough to be told from any other: validators, store and sharing are right.</summary>
    public bool IsTrusted => Version.IsKnown && Version.IsSettled;
}
