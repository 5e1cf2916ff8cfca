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

    public bool HasLastModified { get; init; }

    /// <summary>Unix seconds.</summary>
    public long LastModified { get; init; }

    /// <summary>
    /// What the client says of its copy: <c>If-None-Match</c> wins over <c>If-Modified-Since</c>, whose dates that do not parse are
    /// ignored.
    /// </summary>
    public ClientCopy HeldBy(IExchange exchange)
    {
        if (!HasTag)
        {
            return ClientCopy.None;
        }

        if (exchange.TryGetHeader(RequestHeader.IfNoneMatch, out var tags))
        {
            Span<byte> tag = stackalloc byte[2 * Digest128.Size];
            Tag.FormatHex(tag);
            return EntityTag.IsNamedBy(tags, tag) ? ClientCopy.Named
                : EntityTag.IsAny(tags) ? ClientCopy.Presumed : ClientCopy.None;
        }

        return HasLastModified
            && exchange.TryGetHeader(RequestHeader.IfModifiedSince, out var date)
            && HttpDate.TryParse(date, out var since)
            && LastModified <= since ? ClientCopy.Presumed : ClientCopy.None;
    }
}
