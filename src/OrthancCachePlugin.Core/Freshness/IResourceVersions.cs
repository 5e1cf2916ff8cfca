using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>Says which version of a resource is current now. Thread-safe; never throws; may ask the origin.</summary>
public interface IResourceVersions
{
    /// <summary>
    /// The version that a request arriving now must see: at least as new as every change whose response was out, or whose event had
    /// come, before this was called.
    /// </summary>
    ResourceVersion Get(Resource resource, RouteKind kind, BodyKind body);

    /// <summary>
    /// The version again, after the origin has computed something, if all of the computation belongs to it; unknown where the state
    /// may have moved in between.
    /// </summary>
    /// <param name="resource">The resource.</param>
    /// <param name="kind">What the route depends on.</param>
    /// <param name="body">What the route answers with.</param>
    /// <param name="before">What <see cref="Get"/> said before the origin was asked.</param>
    /// <param name="position">What <see cref="Position"/> was before that.</param>
    ResourceVersion Confirm(Resource resource, RouteKind kind, BodyKind body, in ResourceVersion before, long position);

    /// <summary>A point in the log of mutations, to be read before <see cref="Get"/>.</summary>
    long Position { get; }

    /// <summary>Gives a version no earlier date than this, for the settings of the server changed then.</summary>
    /// <returns>False where the resource has another version by now: then no date can be given.</returns>
    bool TryDateAfter(Resource resource, in ResourceVersion version, long since);

    /// <summary>A stored response of this very version knew when the version began: remember it.</summary>
    void LearnLastModified(Resource resource, in ResourceVersion version, long lastModified);
}
