using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>The option <c>WarmUpRoutes</c>: what is warmed at each level. Immutable.</summary>
public sealed class WarmUpRoutes
{
    private readonly WarmUpRoute[][] _levels;

    /// <param name="routes">As the configuration has them: routes of patients, studies and series.</param>
    /// <param name="excluded">The option <c>ExcludedRoutes</c>: what is not served is not warmed.</param>
    public WarmUpRoutes(IEnumerable<string> routes, IReadOnlyCollection<string>? excluded = null)
    {
        WarmUpRoute[] parents = [.. routes.Select(r => new WarmUpRoute(r))];

        // What the tags of all instances are to a series, the tags of one are to an instance; of one alone, all tags are shared.
        WarmUpRoute[] instances =
        [
            .. parents
                .Select(r => r.Text)
                .Where(t => !t.StartsWith("shared-tags", StringComparison.Ordinal))
                .Select(t => t.StartsWith("instances-tags", StringComparison.Ordinal) ? t["instances-".Length..] : t)
                .Distinct(StringComparer.Ordinal)
                .Select(t => new WarmUpRoute(t)),
        ];

        _levels = new WarmUpRoute[(int)ResourceLevel.Instance + 1][];
        for (var level = ResourceLevel.Patient; level <= ResourceLevel.Instance; level++)
        {
            var path = System.Text.Encoding.ASCII.GetString(ResourceLevels.PathOf(level));
            _levels[(int)level] = Array.FindAll(
                level == ResourceLevel.Instance ? instances : parents, r => excluded is null || !excluded.Contains($"{path}/{r.Name}"));
        }
    }

    /// <summary>The routes of a level, in the order of the configuration.</summary>
    public IReadOnlyList<WarmUpRoute> Of(ResourceLevel level) => _levels[(int)level];
}
