using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace OrthancCachePlugin.Core.Http;

/// <summary>Dates of RFC 9110 section 5.6.7: written as IMF-fixdate, read in all three forms.</summary>
public static class HttpDate
{
    public const int Length = 29;

    private static readonly string[] Formats =
    [
        "ddd, dd MMM yyyy HH:mm:ss 'GMT'",
        "dddd, dd-MMM-yy HH:mm:ss 'GMT'",
        "ddd MMM d HH:mm:ss yyyy",
        "ddd MMM  d HH:mm:ss yyyy",
    ];

    public static void Format(long unixSeconds, Span<byte> destination)
    {
        // "R" is RFC 1123's form of the invariant culture, which is IMF-fixdate.
        Utf8Formatter.TryFormat(DateTimeOffset.FromUnixTimeSeconds(unixSeconds), destination, out _, 'R');
    }

    public static bool TryParse(ReadOnlySpan<byte> text, out long unixSeconds)
    {
        unixSeconds = 0;
        text = text.Trim((byte)' ');
        if (text.Length is < 24 or > 40)
        {
            return false;
        }

        if (Utf8Parser.TryParse(text, out DateTimeOffset date, out var read, 'R') && read == text.Length)
        {
            unixSeconds = date.ToUnixTimeSeconds();
            return true;
        }

        if (!DateTimeOffset.TryParseExact(
            Encoding.ASCII.GetString(text),
            Formats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out date))
        {
            return false;
        }

        unixSeconds = date.ToUnixTimeSeconds();
        return true;
    }
}
