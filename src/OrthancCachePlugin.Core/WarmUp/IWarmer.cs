using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>Computes answers before anybody asks. Thread-safe; asks the origin, so never to be called on a thread of its events.</summary>
public interface IWarmer
{
    /// <summary>Warms one route of one resource.</summary>
    WarmUpOutcome Warm(Resource resource, WarmUpRoute route);
}
