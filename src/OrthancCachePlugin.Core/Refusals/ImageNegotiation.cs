namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// How the origin chooses the format of an image by <c>Accept</c> (HttpContentNegociation): of what the client names, the most specific
/// and then the best weighed; case-sensitive. Pure.
/// </summary>
internal static class ImageNegotiation
{
    public const string Jpeg = "image/jpeg";
    private static readonly string[] Offered = ["image/png", Jpeg, "image/x-portable-arbitrarymap"];

    /// <summary>Chooses a format.</summary>
    /// <param name="accept">The header.</param>
    /// <param name="lastQualityCounts">See <see cref="OriginTraits.LastQualityCounts"/>.</param>
    /// <param name="chosen">The format; null where nothing on offer is accepted.</param>
    /// <returns>False where a weight is malformed, which the origin takes for an error.</returns>
    public static bool TryChoose(string accept, bool lastQualityCounts, out string? chosen)
    {
        chosen = null;
        (int Level, double Quality) best = default;
        foreach (var range in accept.Split(','))
        {
            var tokens = range.Split(';');
            var isWeighed = TryReadQuality(tokens.AsSpan(1), lastQualityCounts, out var quality);
            if (!isWeighed && !lastQualityCounts)
            {
                return false;
            }

            var slash = tokens[0].IndexOf('/', StringComparison.Ordinal);
            if (slash < 0)
            {
                continue;
            }

            var type = tokens[0][..slash].Trim();
            var subtype = tokens[0][(slash + 1)..].Trim();
            var level = subtype != "*" ? 2 : type != "*" ? 1 : 0;
            foreach (var offer in Offered)
            {
                var matches = level switch
                {
                    0 => true,
                    1 => type == "image",
                    _ => offer == type + "/" + subtype,
                };

                if (matches && !isWeighed)
                {
                    return false;
                }

                if (matches && (chosen is null || (level, quality).CompareTo(best) > 0))
                {
                    (chosen, best) = (offer, (level, quality));
                }
            }
        }

        return true;
    }

    private static bool TryReadQuality(ReadOnlySpan<string> parameters, bool lastCounts, out double quality)
    {
        quality = 1;
        string? text = null;
        foreach (var parameter in parameters)
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? parameter : parameter[..equals]).Trim();
            if (name != "q" || (equals < 0 && !lastCounts))
            {
                continue;
            }

            text = equals < 0 ? "" : parameter[(equals + 1)..].Trim();
            if (!lastCounts)
            {
                break;
            }

            text = Unquote(text);
        }

        return text is null || (LexicalCast.TryNumber(text, out quality) && quality is >= 0 and <= 1);
    }

    private static string Unquote(string text) =>
        text.Length >= 2 && text[0] == '"' && text[^1] == '"' ? text[1..^1] : text;
}
