namespace OrthancCachePlugin.Core.Http;

/// <summary>
/// The <c>If-None-Match</c> side of RFC 9110 section 13.1.2. Our tags are a digest of request and version, and a suffix for the coding
/// of the body (section 8.8.3.3): <c>"…"</c>, <c>"…-gzip"</c>. Whoever holds the body in one coding need not be sent another.
/// </summary>
public static class EntityTag
{
    /// <summary>
    /// Whether a field value names our tag: a list of strong and weak tags, and, for old clients, tags without quotes. The comparison is
    /// the weak one (section 8.8.3.2), as that section asks for.
    /// </summary>
    /// <param name="fieldValue">The value of <c>If-None-Match</c>.</param>
    /// <param name="opaqueTag">Our tag without quotes, without <c>W/</c>, and without the suffix of a coding.</param>
    public static bool IsNamedBy(ReadOnlySpan<byte> fieldValue, ReadOnlySpan<byte> opaqueTag)
    {
        var rest = fieldValue;
        while (true)
        {
            rest = rest.TrimStart(" \t,"u8);
            if (rest.IsEmpty)
            {
                return false;
            }

            if (TakeTag(ref rest, opaqueTag))
            {
                return true;
            }
        }
    }

    /// <summary>Whether a field value is <c>*</c>, which stands for any representation that there is.</summary>
    public static bool IsAny(ReadOnlySpan<byte> fieldValue) => fieldValue.Trim(" \t"u8).SequenceEqual("*"u8);

    private static bool TakeTag(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> opaqueTag)
    {
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
            return IsOurs(tag, opaqueTag);
        }

        var comma = rest.IndexOf((byte)',');
        tag = (comma < 0 ? rest : rest[..comma]).Trim(" \t"u8);
        rest = comma < 0 ? default : rest[(comma + 1)..];
        return IsOurs(tag, opaqueTag);
    }

    /// <summary>What follows the digest in the tag of a body in this coding.</summary>
    public static ReadOnlySpan<byte> SuffixOf(ContentCoding coding) => coding switch
    {
        ContentCoding.Gzip => "-gzip"u8,
        ContentCoding.Deflate => "-deflate"u8,
        ContentCoding.Zstd => "-zstd"u8,
        _ => default,
    };

    private static bool IsOurs(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> opaqueTag)
    {
        if (!tag.StartsWith(opaqueTag))
        {
            return false;
        }

        var suffix = tag[opaqueTag.Length..];
        return suffix.IsEmpty || suffix.SequenceEqual("-gzip"u8) || suffix.SequenceEqual("-zstd"u8) || suffix.SequenceEqual("-deflate"u8);
    }
}
