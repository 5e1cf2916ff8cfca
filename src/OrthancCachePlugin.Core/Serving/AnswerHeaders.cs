using System.Buffers.Text;
using System.Text;
using OrthancCachePlugin.Core.Hashing;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Policy;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// The headers that a client's cache lives by (RFC 9110 section 8.8, RFC 9111 section 5, RFC 9211). Texts that do not depend on the
/// request are made once. Thread-safe; allocates nothing.
/// </summary>
internal sealed class AnswerHeaders
{
    /// <summary>The longest entity tag: <c>W/"…-deflate"</c> and a zero byte.</summary>
    public const int MaximumTagSize = 2 + 2 + (2 * Digest128.Size) + 8 + 1;

    private const long SecondsPerDay = 24 * 60 * 60;
    private readonly byte[] _cacheControl;
    private readonly byte[] _privateCacheControl;
    private readonly long _maximumAge;
    private readonly bool _isAlwaysPrivate;

    public AnswerHeaders(PolicyOptions options)
    {
        _maximumAge = options.ExpirationDays * SecondsPerDay;
        _isAlwaysPrivate = options.IsPrivate;
        var literal = options.CacheControl;
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
        validators.Tag.FormatHex(destination[length..]);
        length += 2 * Digest128.Size;
        var suffix = EntityTag.SuffixOf(validators.Coding);
        suffix.CopyTo(destination[length..]);
        length += suffix.Length;
        destination[length++] = (byte)'"';
        destination[length++] = 0;
        return length;
    }

    /// <summary>Adds all of them.</summary>
    /// <param name="exchange">The answer.</param>
    /// <param name="now">Unix seconds.</param>
    /// <param name="validators">The answer's validators; none where it must not be revalidated by them.</param>
    /// <param name="status">The parameters of <c>Cache-Status</c>, ending with a zero byte.</param>
    public void Add(IExchange exchange, long now, in Validators validators, ReadOnlySpan<byte> status)
    {
        Span<byte> text = stackalloc byte[64];
        AddDate(exchange, "Date\0"u8, now, text);
        if (validators.HasTag)
        {
            if (validators.HasLastModified)
            {
                AddDate(exchange, "Last-Modified\0"u8, validators.LastModified, text);
            }
            var length = WriteTag(validators, text);
            exchange.AddHeader("ETag\0"u8, text[..length]);
        }

        var isPrivate = _isAlwaysPrivate
            || exchange.TryGetHeader("authorization"u8, out _)
            || exchange.TryGetHeader("cookie"u8, out _);
        exchange.AddHeader("Cache-Control\0"u8, isPrivate ? _privateCacheControl : _cacheControl);
        AddDate(exchange, "Expires\0"u8, now + _maximumAge, text);
        exchange.AddHeader("Vary\0"u8, "Accept, Accept-Encoding\0"u8);
        exchange.AddHeader("Cache-Status\0"u8, status);
    }

    private static void AddDate(IExchange exchange, ReadOnlySpan<byte> name, long unixSeconds, Span<byte> text)
    {
        HttpDate.Format(unixSeconds, text);
        text[HttpDate.Length] = 0;
        exchange.AddHeader(name, text[..(HttpDate.Length + 1)]);
    }
}
