
namespace OrthancCachePlugin.Core.Http;

/// <summary>The validators of one representation, and the decision of RFC 9110 section 13.2.2.</summary>
internal readonly record struct Validators
{
    public bool HasTag { get; init; } // false where the response must carry no validator at all

    public Digest128 Tag { get; init; }

    public ContentCoding Coding { get; init; }

    public bool IsWeak { get; init; } // the bytes may differ from run to run, though they mean the same

    public bool HasLastModified { get; init; }

    public long LastModified { get; init; }

    /// <summary>What the client says of its copy, in the order of section 13.2.2: <c>If-Match</c> wins over <c>If-Unmodified-Since</c>, then
    /// <c>If-None-Match</c> over <c>If-Modified-Since</c>; dates that do not parse are ignored. Tags are compared with the one that a 200 to this
    /// request would carry.</summary>
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

internal enum PreconditionResult
{
    None,

    MatchedByTag, // named by its tag: it is what a 200 would carry now, for only a 200 ever carried that tag

    /// <summary>Meant by a date or by <c>*</c>: good only where there would be a 200 (RFC 9110 section 13.2.1).</summary>
    MatchedByDate,
}

/// <summary>The lists of <c>If-Match</c> and <c>If-None-Match</c> (RFC 9110 sections 13.1.1 and 13.1.2). Our tags are a digest of request and
/// version, and a suffix for the coding of the body (section 8.8.3.3): <c>"…"</c>, <c>"…-gzip"</c>. A tag of another coding is another tag: a 304 for
/// it would let a shared cache send what it has to a client that cannot read it.</summary>
public static class EntityTag
{
    /// <summary>By the weak comparison (section 8.8.3.2); old clients write tags without quotes.</summary>
    public static bool IsNamedBy(ReadOnlySpan<byte> fieldValue, ReadOnlySpan<byte> opaqueTag) => IsNamedBy(fieldValue, opaqueTag, isStrong: false);

    /// <summary>The same by the strong comparison, which no weak tag passes.</summary>
    public static bool IsStronglyNamedBy(ReadOnlySpan<byte> fieldValue, ReadOnlySpan<byte> opaqueTag) => IsNamedBy(fieldValue, opaqueTag, isStrong: true);

    private static bool IsNamedBy(ReadOnlySpan<byte> fieldValue, ReadOnlySpan<byte> opaqueTag, bool isStrong)
    {
        var rest = fieldValue;
        while (true)
        {
            rest = rest.TrimStart(" \t,"u8);
            if (rest.IsEmpty)
            {
                return false;
            }

            if (TakeTag(ref rest, opaqueTag, isStrong))
            {
                return true;
            }
        }
    }

    public static bool IsAny(ReadOnlySpan<byte> fieldValue) => fieldValue.Trim(" \t"u8).SequenceEqual("*"u8);

    private static bool TakeTag(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> opaqueTag, bool isStrong)
    {
        var isComparable = !isStrong || !rest.StartsWith("W/"u8);
        if (rest.StartsWith("W/"u8))
        {
            rest = rest[2..];
        }

        ReadOnlySpan<byte> tag;
        if (!rest.IsEmpty && rest[0] == (byte)'"')
        {
            var end = rest[1..].IndexOf((byte)'"');
            if (end < 0)
            {
                rest = default;
                return false; // an unfinished tag names nothing
            }

            tag = rest.Slice(1, end);
            rest = rest[(end + 2)..];
            return isComparable && tag.SequenceEqual(opaqueTag);
        }

        var comma = rest.IndexOf((byte)',');
        tag = (comma < 0 ? rest : rest[..comma]).Trim(" \t"u8);
        rest = comma < 0 ? default : rest[(comma + 1)..];
        return isComparable && tag.SequenceEqual(opaqueTag);
    }

    public static ReadOnlySpan<byte> SuffixOf(ContentCoding coding) => coding switch
    {
        ContentCoding.Gzip => "-gzip"u8,
        ContentCoding.Deflate => "-deflate"u8,
        ContentCoding.Zstd => "-zstd"u8,
        _ => default,
    };
}
