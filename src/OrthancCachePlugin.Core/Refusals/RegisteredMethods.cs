using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// The methods that the origin has handlers for on our routes, the same in 1.10.1, 1.12.7 and 1.13.0 (OrthancRestArchive,
/// OrthancRestResources). What is registered at all is not asked here: the origin tells a path without any handler apart by itself.
/// </summary>
internal static class RegisteredMethods
{
    /// <summary>The value of <c>Allow</c>, as the origin writes it (RestApi, without blanks).</summary>
    public static string Of(RefusedRequest request) => request.IsArchive ? "GET,POST" : "GET";

    /// <summary>Whether there is a handler for the method of the request.</summary>
    public static bool Have(RefusedRequest request) =>
        request.Method == HttpMethod.Get || (request.Method == HttpMethod.Post && request.IsArchive);
}
