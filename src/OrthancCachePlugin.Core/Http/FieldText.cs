namespace OrthancCachePlugin.Core.Http;

/// <summary>Comparing parts of field values (RFC 9110 section 5.6), without allocating.</summary>
public static class FieldText
{
    public static bool Equals(ReadOnlySpan<byte> token, ReadOnlySpan<byte> other) => System.Text.Ascii.EqualsIgnoreCase(token, other);

    /// <summary>Whether a list of directives (RFC 9111 section 5.2: names without regard to case, each perhaps with a token or a quoted string behind
    /// an equals sign) has one of that name. What stands in quotes is no directive; quotes that do not end are none.</summary>
    public static bool HasDirective(ReadOnlySpan<byte> fieldValue, ReadOnlySpan<byte> name) =>
        HasDirective(fieldValue, name, hasQuotes: true);

    private static bool HasDirective(ReadOnlySpan<byte> fieldValue, ReadOnlySpan<byte> name, bool hasQuotes)
    {
        var start = 0;
        var isQuoted = false;
        for (var i = 0; i <= fieldValue.Length; i++)
        {
            if (i == fieldValue.Length || (fieldValue[i] == (byte)',' && !isQuoted))
            {
                if (IsNamed(fieldValue[start..i], name))
                {
                    return true;
                }

                start = i + 1;
            }
            else if (fieldValue[i] == (byte)'"' && hasQuotes)
            {
                isQuoted = !isQuoted;
            }
            else if (fieldValue[i] == (byte)'\\' && isQuoted)
            {
                i = Math.Min(i + 1, fieldValue.Length - 1);
            }
        }

        return isQuoted && HasDirective(fieldValue, name, hasQuotes: false);
    }

    private static bool IsNamed(ReadOnlySpan<byte> directive, ReadOnlySpan<byte> name)
    {
        var equals = directive.IndexOf((byte)'=');
        return Equals((equals < 0 ? directive : directive[..equals]).Trim(" \t"u8), name);
    }
}
