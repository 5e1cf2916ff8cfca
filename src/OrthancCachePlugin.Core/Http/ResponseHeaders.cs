using System.Runtime.CompilerServices;
using System.Text;

namespace OrthancCachePlugin.Core.Http;

/// <summary>The headers that a client's cache lives by (RFC 9110 section 8.8, RFC 9111 section 5, RFC 9211). Texts that do not depend on the request
/// are made once, or once a second. Thread-safe; allocates nothing but that.</summary>
internal sealed class ResponseHeaders
{
    /// <summary>The longest entity tag: <c>W/"…-deflate"</c> and a zero byte.</summary>
    public const int MaximumTagSize = 2 + 2 + (2 * Digest128.Size) + 8 + 1;

    private const int MaximumTextSize = 64;

    private const long SecondsPerDay = 24 * 60 * 60;
    private readonly byte[] _cacheControl;
    private readonly byte[] _privateCacheControl;
    private readonly long _maximumAge;
    private readonly bool _isAlwaysPrivate;
    private SecondOfResponses _second;

    public ResponseHeaders(int expirationDays, string literal, bool isPrivate)
    {
        _maximumAge = expirationDays * SecondsPerDay;
        _isAlwaysPrivate = isPrivate;
        _second = new SecondOfResponses(0, _maximumAge);
        _cacheControl = Encoding.UTF8.GetBytes(
            (literal.Length > 0 ? literal : $"max-age={_maximumAge}, s-maxage={_maximumAge}, public, no-cache") + "\0");
        _privateCacheControl = Encoding.UTF8.GetBytes((literal.Length > 0 ? literal : $"max-age={_maximumAge}, private, no-cache") + "\0");
    }

    /// <summary>Writes an entity tag with quotes, ending with a zero byte that is counted.</summary>
    public static int WriteTag(in Validators validators, Span<byte> destination)
    {
        var length = 0;
        if (validators.IsWeak)
        {
            "W/"u8.CopyTo(destination);
            length = 2;
        }

        destination[length++] = (byte)'"';
        length += validators.WriteOpaque(destination[length..]);
        destination[length++] = (byte)'"';
        destination[length++] = 0;
        return length;
    }

    /// <summary>Adds all of them. What is not complete no client may keep, for its date could confirm it later.</summary>
    [SkipLocalsInit]
    public void Add(IExchange exchange, long now, in Validators validators, in CacheOutcome outcome)
    {
        var second = Volatile.Read(ref _second);
        if (second.Now != now)
        {
            second = new SecondOfResponses(now, _maximumAge);
            Volatile.Write(ref _second, second);
        }

        exchange.AddHeader("Date\0"u8, second.Date);
        if (validators.HasTag)
        {
            Span<byte> text = stackalloc byte[MaximumTextSize];
            if (validators.HasLastModified)
            {
                HttpDate.Format(validators.LastModified, text);
                text[HttpDate.Length] = 0;
                exchange.AddHeader("Last-Modified\0"u8, text[..(HttpDate.Length + 1)]);
            }

            var length = WriteTag(validators, text);
            exchange.AddHeader("ETag\0"u8, text[..length]);
        }

        if (outcome.Detail != CacheDetail.Incomplete)
        {
            var isPrivate = _isAlwaysPrivate
                || exchange.TryGetHeader(RequestHeader.Authorization, out _)
                || exchange.TryGetHeader(RequestHeader.Cookie, out _);
            exchange.AddHeader("Cache-Control\0"u8, isPrivate ? _privateCacheControl : _cacheControl);
            exchange.AddHeader("Expires\0"u8, second.Expires);
        }
        else
        {
            exchange.AddHeader("Cache-Control\0"u8, "no-store\0"u8);
        }

        exchange.AddHeader("Vary\0"u8, "Accept, Accept-Encoding\0"u8);
        exchange.AddHeader("Cache-Status\0"u8, outcome.Header);
    }
}

internal sealed class SecondOfResponses
{
    private readonly byte[] _date;
    private readonly byte[] _expires;

    public SecondOfResponses(long now, long maximumAge)
    {
        Now = now;
        _date = Text(now);
        _expires = Text(now + maximumAge);
    }

    public long Now { get; }

    public ReadOnlySpan<byte> Date => _date;

    public ReadOnlySpan<byte> Expires => _expires;

    private static byte[] Text(long unixSeconds)
    {
        var text = new byte[HttpDate.Length + 1];
        HttpDate.Format(unixSeconds, text);
        return text;
    }
}
