using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>The validators of one representation, and the decision of RFC 9110 section 13.2.2.</summary>
internal readonly record struct Validators
{
    /// <summary>False where the response must carry no validator at all.</summary>
    public bool HasTag { get; init; }

    public Digest128 Tag { get; init; }

    /// <summary>How the body that they go with is coded.</summary>
    public ContentCoding Coding { get; init; }

    /// <summary>The bytes may differ from run to run, though they mean the same.</summary>
    public bool IsWeak { get; init; }

    public bool HasLastModified { get; init; }

    /// <summary>Unix seconds.</summary>
    public long LastModified { get; init; }

    /// <summary>
    /// What the client says of its copy, in the order of section 13.2.2: <c>If-Match</c> wins over <c>If-Unmodified-Since</c>, then
    /// <c>If-None-Match</c> over <c>If-Modified-Since</c>; dates that do not parse are ignored. Tags are compared with the one that a 200 to
    /// this request would carry.
    /// </summary>
    public PreconditionResult EvaluatePreconditions(IExchange exchange)
    {
        if (!HasTag)
        {
            return PreconditionResult.None;
        }

        if (!IsAsDemanded(exchange))
        {
            return PreconditionResult.None; // the origin answers 200 then, as it knows neither condition
        }

        if (exchange.TryGetHeader(RequestHeader.IfNoneMatch, out var tags))
        {
            Span<byte> tag = stackalloc byte[ResponseHeaders.MaximumTagSize];
            return EntityTag.IsNamedBy(tags, tag[..WriteOpaque(tag)]) ? PreconditionResult.MatchedByTag
                : EntityTag.IsAny(tags) ? PreconditionResult.MatchedByDate : PreconditionResult.None;
        }

        return HasLastModified
            && exchange.TryGetHeader(RequestHeader.IfModifiedSince, out var date)
            && HttpDate.TryParse(date, out var since)
            && LastModified <= since ? PreconditionResult.MatchedByDate : PreconditionResult.None;
    }

    /// <summary>Writes the tag without quotes and without <c>W/</c>.</summary>
    public int WriteOpaque(Span<byte> destination)
    {
        Tag.FormatHex(destination);
        var suffix = EntityTag.SuffixOf(Coding);
        suffix.CopyTo(destination[(2 * Digest128.Size)..]);
        return (2 * Digest128.Size) + suffix.Length;
    }

    /// <summary>The conditions under which alone the client wants anything (sections 13.1.1 and 13.1.4).</summary>
    private bool IsAsDemanded(IExchange exchange)
    {
        if (exchange.TryGetHeader(RequestHeader.IfMatch, out var tags))
        {
            Span<byte> tag = stackalloc byte[ResponseHeaders.MaximumTagSize];
            return EntityTag.IsAny(tags) || (!IsWeak && EntityTag.IsStronglyNamedBy(tags, tag[..WriteOpaque(tag)]));
        }

        return !HasLastModified
            || !exchange.TryGetHeader(RequestHeader.IfUnmodifiedSince, out var date)
            || !HttpDate.TryParse(date, out var since)
            || LastModified <= since;
    }
}
