using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>What an archive's folders are named after, and since when.</summary>
/// <param name="Digest">Stands for the names.</param>
/// <param name="LastModified">Unix seconds: no later than which they have been these, as far as dates were handed out.</param>
internal sealed record ArchiveNames(Digest128 Digest, long LastModified);
