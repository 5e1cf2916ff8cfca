namespace OrthancCachePlugin.Core.Http;

/// <summary>Names of <see cref="RequestHeader"/>.</summary>
public static class RequestHeaders
{
    /// <summary>How many there are.</summary>
    public const int Count = (int)RequestHeader.IfUnmodifiedSince + 1;

    /// <summary>Reads a name.</summary>
    /// <param name="name">In lower case.</param>
    /// <param name="header">Which one it is.</param>
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
