using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>The option <c>WarmUpRoutes</c>: what is warmed at each level. Immutable.</summary>
public sealed class WarmUpRoutes
{
    private readonly WarmUpRoute[] _parents;
    private readonly WarmUpRoute[] _instances;

    /// <param name="routes">As the configuration has them: routes of patients, studies and series.</param>
    public WarmUpRoutes(IEnumerable<string> routes)
    {
        _parents = [.. routes.Select(r => new WarmUpRoute(r))];

        // What the tags of all instances are to a series, the tags of one are to an instance; of one alone, all tags are shared.
        _instances =
        [
            .. _parents
                .Select(r => r.Text)
                .Where(t => !t.StartsWith("shared-tags", StringComparison.Ordinal))
                .Select(t => t.StartsWith("instances-tags", StringComparison.Ordinal) ? t["instances-".Length..] : t)
                .Distinct(StringComparer.Ordinal)
                .Select(t => new WarmUpRoute(t)),
        ];
    }

    /// <summary>The routes of a level, in the order of the configuration.</summary>
    public IReadOnlyList<WarmUpRoute> Of(ResourceLevel level) => level == ResourceLevel.Instance ? _instances : _parents;
}
