using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>The version of a resource as far as one kind of route depends on it.</summary>
/// <param name="IsKnown">False where the origin did not tell: the resource does not exist, or something fails. Nothing is cached then.</param>
/// <param name="Digest">Equal for equal states, over restarts too.</param>
/// <param name="LastModified">
/// Unix time in seconds: after the last change that we know of, and after every date that went out with another state. It may be a
/// second ahead of the clock; then it is not to be sent yet.
/// </param>
/// <param name="LastModifiedIsCertain">
/// False where the resource may have changed before this process started without a trace in the origin; a stored response of the same
/// version knows better.
/// </param>
/// <param name="IsSettled">
/// False while the state is so young that another change in the same second could not be told from it (the rule of git's index for
/// "racily clean" files): the response is neither kept nor given a validator.
/// </param>
public readonly record struct ResourceVersion(
    bool IsKnown, Digest128 Digest, long LastModified, bool LastModifiedIsCertain, bool IsSettled)
{
    /// <summary>Nothing is known.</summary>
    public static ResourceVersion Unknown => default;
}
