using System.Buffers.Text;

namespace OrthancCachePlugin.Core.Http;

/// <summary>What a client takes (RFC 9110 section 12.5.3), as weights from 0 to 1000. Without the header a client takes anything, of which we choose
/// the body as it is.</summary>
public readonly record struct AcceptEncoding(int Identity, int Gzip, int Zstd)
{
    private const int Full = 1000;

    public static AcceptEncoding IdentityOnly => new(Full, 0, 0);

    public static AcceptEncoding Parse(ReadOnlySpan<byte> fieldValue)
    {
        int identity = -1, gzip = -1, zstd = -1, others = -1;
        while (!fieldValue.IsEmpty)
        {
            var comma = fieldValue.IndexOf((byte)',');
            var member = comma < 0 ? fieldValue : fieldValue[..comma];
            fieldValue = comma < 0 ? default : fieldValue[(comma + 1)..];

            var semicolon = member.IndexOf((byte)';');
            var coding = (semicolon < 0 ? member : member[..semicolon]).Trim(" \t"u8);
            var weight = semicolon < 0 ? Full : Weight(member[(semicolon + 1)..]);
            if (weight < 0)
            {
                continue;
            }

            if (FieldText.Equals(coding, "identity"u8))
            {
                identity = weight;
            }
            else if (FieldText.Equals(coding, "gzip"u8) || FieldText.Equals(coding, "x-gzip"u8))
            {
                gzip = weight;
            }
            else if (FieldText.Equals(coding, "zstd"u8))
            {
                zstd = weight;
            }
            else if (coding.SequenceEqual("*"u8))
            {
                others = weight;
            }
        }

        // Identity is acceptable unless it is refused by name, or by "*" without a name; then it is the last choice.
        var unnamed = Math.Max(others, 0);

        // Of codings that a client takes without naming them, it is more likely to read gzip.
        return new AcceptEncoding(
            identity >= 0 ? identity : others == 0 ? 0 : 1,
            gzip >= 0 ? gzip : unnamed,
            zstd >= 0 ? zstd : Math.Max(0, unnamed - 1));
    }

    /// <summary>The coding that the client likes best; of equals the smaller one on the wire.</summary>
    public ContentCoding Preferred =>
        Zstd > 0 && Zstd >= Gzip && Zstd >= Identity ? ContentCoding.Zstd
        : Gzip > 0 && Gzip >= Identity ? ContentCoding.Gzip
        : ContentCoding.Identity;

    private static int Weight(ReadOnlySpan<byte> parameters)
    {
        while (!parameters.IsEmpty)
        {
            var semicolon = parameters.IndexOf((byte)';');
            var parameter = (semicolon < 0 ? parameters : parameters[..semicolon]).Trim(" \t"u8);
            parameters = semicolon < 0 ? default : parameters[(semicolon + 1)..];
            if (parameter.Length < 2 || (parameter[0] | 0x20) != 'q' || parameter[1] != '=')
            {
                continue;
            }

            var text = parameter[2..].Trim(" \t"u8);
            return Utf8Parser.TryParse(text, out double weight, out var read) && read == text.Length && weight is >= 0 and <= 1
                ? (int)Math.Round(weight * Full)
                : -1;
        }

        return Full;
    }
}

/// <summary>How the bytes on the wire stand for the body. Each has an entity tag of its own (RFC 9110 section 8.8.3.3).</summary>
public enum ContentCoding : byte
{
    Identity = 0,
    Gzip = 1,
    Deflate = 2,
    Zstd = 3,
}

/// <summary>What Orthanc's own compression of responses does with a request (HttpServer, ConfigureHttpCompression).</summary>
public static class HostCompression
{
    /// <summary>The coding that Orthanc gives a body: <c>gzip</c> before <c>deflate</c>, weights ignored as it ignores them.</summary>
    public static ContentCoding CodingFor(bool isEnabled, ReadOnlySpan<byte> acceptEncoding)
    {
        var coding = ContentCoding.Identity;
        while (isEnabled && !acceptEncoding.IsEmpty)
        {
            var comma = acceptEncoding.IndexOf((byte)',');
            var token = (comma < 0 ? acceptEncoding : acceptEncoding[..comma]).Trim(" \t\r\n\v\f"u8);
            acceptEncoding = comma < 0 ? default : acceptEncoding[(comma + 1)..];
            if (token.SequenceEqual("gzip"u8))
            {
                return ContentCoding.Gzip;
            }

            coding = token.SequenceEqual("deflate"u8) ? ContentCoding.Deflate : coding;
        }

        return coding;
    }
}
