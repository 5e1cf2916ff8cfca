using OrthancCachePlugin.Core.Hashing;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>The validators of one representation, and the decision of RFC 9110 section 13.2.2.</summary>
internal readonly record struct Validators
{
    /// <summary>False where the answer must carry no validator at all.</summary>
    public bool HasTag { get; init; }

    public Digest128 Tag { get; init; }

    /// <summary>How the body that they go with is coded.</summary>
    public ContentCoding Coding { get; init; }

    /// <summary>The bytes may differ from run to run, though they mean the same.</summary>
    public bool IsWeak { get; init; }

    /// <summary>Unix seconds.</summary>
    public long LastModified { get; init; }

    /// <summary>False where two bodies may have had this date: it is told, but no 304 is made of it.</summary>
    public bool DateDecides { get; init; }

    /// <summary>
    /// Whether the client names our very tag in <c>If-None-Match</c>: it can only have it from a 200 to this request.
    /// </summary>
    public bool AreNamedBy(IExchange exchange)
    {
        if (!HasTag || !exchange.TryGetHeader("if-none-match"u8, out var tags))
        {
            return false;
        }

        Span<byte> tag = stackalloc byte[2 * Digest128.Size];
        Tag.FormatHex(tag);
        return EntityTag.IsNamedBy(tags, tag);
    }

    /// <summary>
    /// Whether the client holds what a 200 would carry now, if there were one: by <c>If-None-Match: *</c>, or by its date in
    /// <c>If-Modified-Since</c>. The former header wins over the latter; a date that does not parse is ignored. Neither proves that
    /// this request has a 200.
    /// </summary>
    public bool MayBeHeldBy(IExchange exchange)
    {
        if (!HasTag)
        {
            return false;
        }

        if (exchange.TryGetHeader("if-none-match"u8, out var tags))
        {
            return EntityTag.IsAny(tags);
        }

        return DateDecides
            && exchange.TryGetHeader("if-modified-since"u8, out var date)
            && HttpDate.TryParse(date, out var since)
            && LastModified <= since;
    }
}
