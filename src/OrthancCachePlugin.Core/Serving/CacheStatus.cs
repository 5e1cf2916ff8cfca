using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>The texts of <c>Cache-Status</c> (RFC 9211), each with its zero byte.</summary>
internal static class CacheStatus
{
    /// <summary>Of a response that came from the origin.</summary>
    public static ReadOnlySpan<byte> Of(in CacheRequest request, bool isStale, bool isTrusted, bool isStored, StoreRejection rejection)
    {
        if (!isTrusted)
        {
            return "response-cache; fwd=miss; detail=unsettled\0"u8;
        }

        if (request.Route.Body != BodyKind.Json && !request.IsCached)
        {
            return "response-cache; fwd=bypass; detail=not-kept\0"u8;
        }

        return (isStale, isStored) switch
        {
            (true, false) when rejection == StoreRejection.TooLarge => "response-cache; fwd=stale; detail=too-large\0"u8,
            (true, false) when rejection == StoreRejection.NotWorking => "response-cache; fwd=stale; detail=no-store\0"u8,
            (true, false) when rejection == StoreRejection.Busy => "response-cache; fwd=stale; detail=busy\0"u8,
            (false, false) when rejection == StoreRejection.TooLarge => "response-cache; fwd=miss; detail=too-large\0"u8,
            (false, false) when rejection == StoreRejection.NotWorking => "response-cache; fwd=miss; detail=no-store\0"u8,
            (false, false) when rejection == StoreRejection.Busy => "response-cache; fwd=miss; detail=busy\0"u8,
            (true, true) => "response-cache; fwd=stale; stored\0"u8,
            (true, false) => "response-cache; fwd=stale\0"u8,
            (false, true) => "response-cache; fwd=miss; stored\0"u8,
            _ => "response-cache; fwd=miss\0"u8,
        };
    }

    /// <summary>Of a response that is not known to be complete.</summary>
    public static ReadOnlySpan<byte> Incomplete => "response-cache; fwd=miss; detail=incomplete\0"u8;

    /// <summary>Of a request that is left to the origin.</summary>
    public static ReadOnlySpan<byte> Of(RequestDecision decision) => decision switch
    {
        RequestDecision.NotAnIdentifier => "response-cache; fwd=bypass; detail=identifier\0"u8,
        RequestDecision.UnknownArgument => "response-cache; fwd=bypass; detail=argument\0"u8,
        RequestDecision.TooLong => "response-cache; fwd=bypass; detail=too-long\0"u8,
        RequestDecision.SharedDecoder => "response-cache; fwd=bypass; detail=shared\0"u8,
        RequestDecision.Range => "response-cache; fwd=bypass; detail=range\0"u8,
        _ => "response-cache; fwd=bypass\0"u8,
    };
}
