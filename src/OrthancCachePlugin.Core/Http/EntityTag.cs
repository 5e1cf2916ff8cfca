using OrthancCachePlugin.Core.Compression;

namespace OrthancCachePlugin.Core.Http;

/// <summary>
/// The lists of <c>If-Match</c> and <c>If-None-Match</c> (RFC 9110 sections 13.1.1 and 13.1.2). Our tags are a digest of request and
/// version, and a suffix for the coding of the body (section 8.8.3.3): <c>"…"</c>, <c>"…-gzip"</c>. A tag of another coding is another tag:
/// a 304 for it would let a shared cache send what it holds to a client that cannot read it.
/// </summary>
public static class EntityTag
{
    /// <summary>
    /// Whether a field value names our tag: a list of strong and weak tags, and, for old clients, tags without quotes. The comparison is
    /// the weak one (section 8.8.3.2), as that section asks for.
    /// </summary>
    /// <param name="fieldValue">The value of <c>If-None-Match</c>.</param>
    /// <param name="opaqueTag">Our tag without quotes and without <c>W/</c>.</param>
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

    /// <summary>Whether a field value is <c>*</c>, which stands for any representation that there is.</summary>
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

    /// <summary>What follows the digest in the tag of a body in this coding.</summary>
    public static ReadOnlySpan<byte> SuffixOf(ContentCoding coding) => coding switch
    {
        ContentCoding.Gzip => "-gzip"u8,
        ContentCoding.Deflate => "-deflate"u8,
        ContentCoding.Zstd => "-zstd"u8,
        _ => default,
    };
}
