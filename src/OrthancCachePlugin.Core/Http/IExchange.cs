using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Core.Http;

/// <summary>One request of a client and the place for its response. Spans point into memory of the host and live as long as the exchange. Used by one
/// thread; exactly one of the members that answer is called, once, headers before it. Texts of the response end with a zero byte.</summary>
public interface IExchange
{
    HttpMethod Method { get; }

    /// <summary>True where nobody waits for the response: it is computed to be stored, and is not counted.</summary>
    bool IsWarmUp => false;

    bool HasResponded { get; }

    /// <summary>The decoded path without query and without trailing slash.</summary>
    ReadOnlySpan<byte> Path { get; }

    int ArgumentCount { get; }

    ReadOnlySpan<byte> ArgumentName(int index);

    ReadOnlySpan<byte> ArgumentValue(int index);

    bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value);

    /// <summary>Asks the origin with the request's headers, but for conditional ones. The caller owns the response; a failure is one, too.</summary>
    OriginResponse AskOrigin(ReadOnlySpan<byte> target);

    /// <summary>Asks the origin for something else than the client did, without headers.</summary>
    OriginResponse AskOriginBesides(ReadOnlySpan<byte> target) => AskOrigin(target);

    void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value);

    void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body);

    /// <summary>Answers 200 with a body that is encoded already; the host leaves it as it is.</summary>
    void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body);

    void NotModified();

    /// <summary>Answers what the origin answered, a success or an error; headers added before belong to a success alone.</summary>
    void RespondAsOrigin(OriginResponse response);

    /// <summary>The body of the request; empty where it is longer than any that we look into.</summary>
    ReadOnlySpan<byte> Body => default;

    /// <summary>Begins a 200 whose body follows piece by piece; the connection closes behind it. Takes the body. Null where the host cannot: then
    /// nothing was sent. It throws <see cref="IOException"/> when the client has left.</summary>
    Stream? BeginBody(ReadOnlySpan<byte> contentType) => null;

    /// <summary>The body that was begun ends before its time: the host is told that the request failed.</summary>
    void BreakOffBody()
    {
    }

    /// <summary>Passes a request that is not ours to the origin, unchanged.</summary>
    void Forward();
}

/// <summary>The methods that reach a plugin; Orthanc answers HEAD by itself.</summary>
public enum HttpMethod
{
    Get,
    Post,
    Put,
    Delete,
}

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

public static class RequestHeaders
{
    public const int Count = (int)RequestHeader.IfUnmodifiedSince + 1;

    public static bool TryParse(ReadOnlySpan<byte> name, out RequestHeader header)
    {
        (header, var known) = name.Length switch
        {
            5 => (RequestHeader.Range, name.SequenceEqual("range"u8)),
            6 when name[0] == (byte)'a' => (RequestHeader.Accept, name.SequenceEqual("accept"u8)),
            6 => (RequestHeader.Cookie, name.SequenceEqual("cookie"u8)),
            8 => (RequestHeader.IfMatch, name.SequenceEqual("if-match"u8)),
            13 when name[0] == (byte)'a' => (RequestHeader.Authorization, name.SequenceEqual("authorization"u8)),
            13 when name[0] == (byte)'c' => (RequestHeader.CacheControl, name.SequenceEqual("cache-control"u8)),
            13 => (RequestHeader.IfNoneMatch, name.SequenceEqual("if-none-match"u8)),
            15 => (RequestHeader.AcceptEncoding, name.SequenceEqual("accept-encoding"u8)),
            17 => (RequestHeader.IfModifiedSince, name.SequenceEqual("if-modified-since"u8)),
            19 => (RequestHeader.IfUnmodifiedSince, name.SequenceEqual("if-unmodified-since"u8)),
            _ => default,
        };
        return known;
    }
}
