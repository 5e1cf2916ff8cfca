using System.Globalization;
using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings;

/// <summary>The version of the server that loaded us.</summary>
/// <remarks>Read as the SDK reads it: three numbers of at most four digits, whatever follows them; <c>mainline</c> is the newest.</remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OrthancVersion(int Major, int Minor, int Revision) : IComparable<OrthancVersion>
{
    public static readonly OrthancVersion Mainline = new(int.MaxValue, 0, 0);

    public static readonly OrthancVersion Oldest = new(1, 10, 0); // the oldest server that we serve

    public bool IsMainline => Major == int.MaxValue;

    public bool IsAtLeast(int major, int minor, int revision) => CompareTo(new OrthancVersion(major, minor, revision)) >= 0;

    /// <summary>Reads a version; what is not one gives 0.0.0, which nothing serves.</summary>
    public static OrthancVersion Parse(ReadOnlySpan<byte> text)
    {
        if (text.SequenceEqual("mainline"u8))
        {
            return Mainline;
        }

        return TryReadNumber(ref text, out int major) && TrySkipDot(ref text)
            && TryReadNumber(ref text, out int minor) && TrySkipDot(ref text)
            && TryReadNumber(ref text, out int revision)
            ? new OrthancVersion(major, minor, revision)
            : default;
    }

    public int CompareTo(OrthancVersion other) => (Major, Minor, Revision).CompareTo((other.Major, other.Minor, other.Revision));

    public static bool operator <(OrthancVersion left, OrthancVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(OrthancVersion left, OrthancVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(OrthancVersion left, OrthancVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(OrthancVersion left, OrthancVersion right) => left.CompareTo(right) >= 0;

    public override string ToString() =>
        IsMainline ? "mainline" : string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Revision}");

    private static bool TryReadNumber(ref ReadOnlySpan<byte> text, out int number)
    {
        const int MaximumDigits = 4;
        int digits = 0;
        number = 0;
        while (digits < text.Length && digits < MaximumDigits && char.IsAsciiDigit((char)text[digits]))
        {
            number = (number * 10) + (text[digits] - '0');
            digits++;
        }

        text = text[digits..];
        return digits > 0;
    }

    private static bool TrySkipDot(ref ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != (byte)'.')
        {
            return false;
        }

        text = text[1..];
        return true;
    }
}
