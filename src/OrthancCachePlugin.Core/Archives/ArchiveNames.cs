using System.Globalization;
using System.Text;

namespace OrthancCachePlugin.Core.Archives;

/// <summary>How Orthanc names the folders and files of an archive. Read from the sources of 1.12.7 and 1.13.0 (ArchiveJob, HierarchicalZipWriter,
/// Toolbox) and compared with their archives.</summary>
/// <remarks>Orthanc works on bytes, and a cut modality need not be UTF-8 any more, so a text here holds one byte of UTF-8 in each character; see
/// <see cref="Bytes"/>.</remarks>
/// <param name="isJoined">Since 1.12.11 parts are joined by " - ", series begin with their number, and only what file systems do not take is
/// replaced. Before that, parts are joined by a space and only letters, digits, dot and underscore are left.</param>
/// <param name="allowsUtf8">The option <c>ZipUseUtf8</c> of 1.12.11.</param>
public sealed class ArchiveNames(bool isJoined, bool allowsUtf8)
{
    private const string Spaces = " \t\n\v\f\r";
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    public static string Bytes(string? text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text ?? ""));

    public string Patient(string id, string name) => Folder("Patient", isJoined ? Join(true, id, name) : $"{id} {name}");

    public string Study(string accessionNumber, string description) =>
        Folder("Study", isJoined ? Join(false, accessionNumber, description) : $"{accessionNumber} {description}");

    public string Series(string number, string modality, string description) =>
        Folder("Series", isJoined ? Join(false, number, modality, description) : $"{modality} {description}");

    public static string Instance(string modality, uint number) => modality.Length switch
    {
        0 => string.Create(CultureInfo.InvariantCulture, $"{number:D8}.dcm"),
        1 => string.Create(CultureInfo.InvariantCulture, $"{Upper(modality[0])}{number:D7}.dcm"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Upper(modality[0])}{Upper(modality[1])}{number:D6}.dcm"),
    };

    /// <summary>The names within one folder, each of which is there once.</summary>
    public sealed class Directory(ArchiveNames names)
    {
        private readonly Dictionary<string, int> _uses = new(StringComparer.Ordinal);

        public string Add(string name)
        {
            var normal = names.Normalize(name);
            var uses = _uses[normal] = _uses.GetValueOrDefault(normal) + 1;
            var unique = uses == 1 ? normal : normal + "-" + uses.ToString(CultureInfo.InvariantCulture);
            return Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(unique));
        }
    }

    private static string Join(bool keepsFirst, params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder();
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i].Length > 0 || (keepsFirst && i == 0))
            {
                text.Append(text.Length > 0 || (keepsFirst && i > 0) ? " - " : "").Append(parts[i]);
            }
        }

        return text.ToString();
    }

    private string Folder(string level, string name)
    {
        var path = (isJoined ? name : Ascii(name)).Trim(Spaces.ToCharArray());
        return path.AsSpan().ContainsAnyExcept('^') ? path : "Unknown " + level;
    }

    private string Normalize(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var c in isJoined && allowsUtf8 && IsUtf8(name) ? name : Ascii(name))
        {
            var isGap = isJoined ? c <= 31 || Spaces.Contains(c) || ":*?\"<>|/\\".Contains(c) : c == '^' || Spaces.Contains(c);
            if (isGap)
            {
                if (text.Length == 0 || text[^1] != ' ')
                {
                    text.Append(' ');
                }
            }
            else if (isJoined || char.IsAsciiLetterOrDigit(c) || c is '.' or '_')
            {
                text.Append(c);
            }
        }

        return text.ToString().Trim(Spaces.ToCharArray());
    }

    private static string Ascii(string text) => string.Concat(text.Where(c => c is '\n' or (>= ' ' and < (char)127)));

    private static bool IsUtf8(string text)
    {
        try
        {
            Strict.GetCharCount(Encoding.Latin1.GetBytes(text));
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }

    private static char Upper(char c) => char.IsAsciiLetterLower(c) ? (char)(c - 32) : c;
}
