using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>Computes responses ahead of requests. Thread-safe; asks Orthanc, so never called on a thread of its events.</summary>
public interface IWarmer
{
    WarmUpOutcome Warm(Resource resource, WarmUpRoute route);
}

public sealed class Warmer(ResponseCache cache, IOrigin origin, OrthancApi api) : IWarmer
{
    public WarmUpOutcome Warm(Resource resource, WarmUpRoute route)
    {
        var exchange = new WarmUpExchange(origin, route, resource);
        var outcome = WarmUpOutcomes.Of(cache.Serve(exchange));
        // A version that is not known looks the same for a resource that is settling and for one that does not exist, and so does an error.
        return outcome is WarmUpOutcome.Unsettled or WarmUpOutcome.Failed && !api.Exists(resource) ? WarmUpOutcome.Deleted : outcome;
    }
}
