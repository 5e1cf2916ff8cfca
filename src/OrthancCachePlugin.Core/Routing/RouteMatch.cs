namespace OrthancCachePlugin.Core.Routing;

/// <summary>A path taken apart. Points into the path that was matched.</summary>
public readonly ref struct RouteMatch
{
    internal RouteMatch(Route route, ResourceLevel level, ReadOnlySpan<byte> id, ReadOnlySpan<byte> tail)
    {
        Route = route;
        Level = level;
        Id = id;
        Tail = tail;
    }

    public Route Route { get; }

    public ResourceLevel Level { get; }

    /// <summary>The identifier as the client wrote it, perhaps of no valid form.</summary>
    public ReadOnlySpan<byte> Id { get; }

    /// <summary>What follows the name of the route, as <c>0/preview</c> after <c>frames/</c>; empty for most.</summary>
    public ReadOnlySpan<byte> Tail { get; }
}
