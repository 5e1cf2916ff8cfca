namespace OrthancCachePlugin.Core.Http;

/// <summary>The header fields of a request that we look at (RFC 9110, and RFC 6265 for the cookie).</summary>
public enum RequestHeader
{
    Accept,
    AcceptEncoding,
    Authorization,
    CacheControl,
    IfModifiedSince,
    IfNoneMatch,
    Range,
    Cookie,
    IfMatch,
    IfUnmodifiedSince,
}
