using System.Text;

namespace OrthancCachePlugin.Core.Http;

/// <summary>How a request was handled: a hit, or why it was forwarded (RFC 9211 section 2.2).</summary>
public enum CacheResult : byte
{
    /// <summary>Not a request of ours; the origin's response has no header of ours.</summary>
    Forwarded,

    Hit,
    Miss,
    Stale,
    Bypass,
}

/// <summary>The <c>detail</c> of a <see cref="CacheOutcome"/>.</summary>
public enum CacheDetail : byte
{
    None,

    /// <summary>The response to another request for the same key, which was under way.</summary>
    Collapsed,

    /// <summary>Changed less than two seconds ago or during the computation.</summary>
    Unsettled,

    /// <summary>Not known to hold all instances.</summary>
    Incomplete,

    TooLarge,

    NoStore,

    Busy,

    /// <summary>The route is not cached, or the client forbade it.</summary>
    NotCached,

    Identifier,

    /// <summary>A query argument may shape the response in an unknown way.</summary>
    Argument,

    TooLong,

    Range,

    /// <summary>Another server of the database may have overwritten what this one has decoded.</summary>
    Shared,

    Failure,

    /// <summary>Made of the tags of each instance; the origin was asked for new ones alone.</summary>
    Derived,

    /// <summary>The origin answered with an error; its response has no header of ours.</summary>
    OriginError,
}

/// <summary>What became of a request. <c>Cache-Status</c>, the counters and the result of a warm-up are made of it.</summary>
public readonly record struct CacheOutcome(CacheResult Result, CacheDetail Detail = CacheDetail.None)
{
    private static readonly byte[][] Texts = MakeTexts();

    /// <summary>The response of the origin goes to the store.</summary>
    public bool IsStored { get; init; }

    public bool IsNotModified { get; init; }

    /// <summary>The origin was asked whether the version still holds.</summary>
    public bool WasRevalidated { get; init; }

    public long SavedMicroseconds { get; init; }

    /// <summary>Whether the response belongs to one known version.</summary>
    public bool IsOfKnownVersion =>
        Result != CacheResult.Forwarded
        && Detail is CacheDetail.None or CacheDetail.Collapsed or CacheDetail.TooLarge or CacheDetail.NoStore or CacheDetail.Busy or CacheDetail.NotCached
            or CacheDetail.Derived;

    /// <summary>The value of <c>Cache-Status</c> with a zero byte at its end.</summary>
    public ReadOnlySpan<byte> Header => Texts[IndexOf(Result, Detail, IsStored)];

    private static int IndexOf(CacheResult result, CacheDetail detail, bool isStored) =>
        (((int)result * ((int)CacheDetail.OriginError + 1)) + (int)detail) * 2 + (isStored ? 1 : 0);

    private static byte[][] MakeTexts()
    {
        var texts = new byte[IndexOf(CacheResult.Bypass, CacheDetail.OriginError, isStored: true) + 1][];
        foreach (var result in Enum.GetValues<CacheResult>())
        {
            foreach (var detail in Enum.GetValues<CacheDetail>())
            {
                foreach (var isStored in (bool[])[false, true])
                {
                    var text = new StringBuilder("response-cache; ").Append(result == CacheResult.Hit ? "hit" : "fwd=" + Hyphenated(result.ToString()))
                        .Append(detail == CacheDetail.None ? "" : "; detail=" + Hyphenated(detail.ToString())).Append(isStored && result != CacheResult.Hit ? "; stored" : "").Append('\0');
                    texts[IndexOf(result, detail, isStored)] = Encoding.ASCII.GetBytes(text.ToString());
                }
            }
        }

        return texts;
    }

    /// <summary><c>TooLarge</c> becomes <c>too-large</c>.</summary>
    private static string Hyphenated(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));
}
