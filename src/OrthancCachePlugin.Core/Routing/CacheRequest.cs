using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Routing;

/// <summary>A GET of one of our routes, understood. Lives as long as the exchange and the buffer that it was read into.</summary>
public ref struct CacheRequest
{
    public required IExchange Exchange { get; init; }

    public required Route Route { get; init; }

    public required Resource Resource { get; init; }

    public required RequestKey Key { get; init; }

    /// <summary>The coding that the host will give to a body that we hand over as it is.</summary>
    public required ContentCoding HostCoding { get; init; }

    /// <summary>The coding in which the client would best be sent a body that we keep.</summary>
    public required ContentCoding WantedCoding { get; init; }

    /// <summary>Whether answers of this route are kept on disk.</summary>
    public required bool IsCached { get; init; }
}
