namespace OrthancCachePlugin.Core.Routing;

/// <summary>What a route answers with, and so whether it is kept.</summary>
public enum BodyKind : byte
{
    /// <summary>JSON (or XML made of it): kept on disk.</summary>
    Json,

    /// <summary>Images, frames, files: kept on disk only with <c>CacheBinaries</c>.</summary>
    Binary,

    /// <summary>Archives: built anew each time with new time stamps, so never kept, and only with weak validators.</summary>
    Archive,
}
