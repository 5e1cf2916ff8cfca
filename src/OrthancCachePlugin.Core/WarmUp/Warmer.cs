using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>Warms through the pipeline that serves clients: the same policy, the same versions, the same one call per key.</summary>
public sealed class Warmer(ResponseCache cache, IOrigin origin, ResourceTree tree) : IWarmer
{
    /// <inheritdoc/>
    public WarmUpOutcome Warm(Resource resource, WarmUpRoute route)
    {
        var exchange = new WarmUpExchange(origin, route, resource);
        var outcome = WarmUpOutcomes.Of(cache.Serve(exchange));
        // A version that is not known looks the same for a resource that is settling and for one that does not exist, and so does an error.
        return outcome is WarmUpOutcome.Unsettled or WarmUpOutcome.Failed && !tree.Exists(resource) ? WarmUpOutcome.Gone : outcome;
    }
}
