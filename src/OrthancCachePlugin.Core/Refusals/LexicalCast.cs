using System.Globalization;

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>What <c>boost::lexical_cast</c> takes for numbers, with which Orthanc reads most of its arguments. Pure.</summary>
internal static class LexicalCast
{
    /// <summary>
    /// To <c>unsigned int</c>: a sign, then digits of at most 2^32 - 1. A minus is taken and wraps around; no blanks.
    /// </summary>
    public static bool IsUnsigned(ReadOnlySpan<char> text)
    {
        if (text.Length > 0 && text[0] is '+' or '-')
        {
            text = text[1..];
        }

        return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);
    }

    /// <summary>To <c>int</c>.</summary>
    public static bool TryInteger(string text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    /// <summary>To a floating point number, where infinity and "not a number" have names, signed or not, in any case.</summary>
    public static bool TryNumber(string text, out double value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (double.TryParse(text, Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value))
        {
            return true;
        }

        value = double.NaN;
        return text.TrimStart('+', '-').ToUpperInvariant() is "NAN" or "INF" or "INFINITY";
    }

    /// <summary>
    /// As <c>SerializationToolbox::ParseUnsignedInteger32</c>: blanks around are dropped, a minus is refused.
    /// </summary>
    public static bool IsStrictUnsigned(string text)
    {
        text = text.Trim();
        return !text.StartsWith('-') && IsUnsigned(text);
    }

    /// <summary>As <c>SerializationToolbox::ParseBoolean</c>, and as <c>RestApiGetCall</c> takes no value for "true".</summary>
    public static bool IsBooleanArgument(string text) => text is "" or "0" or "1" or "false" or "true";
}
