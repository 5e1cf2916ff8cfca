using System.Buffers.Binary;

namespace OrthancCachePlugin.Core.Routing;

/// <summary>
/// An Orthanc identifier: a SHA-1 written as five groups of eight lower-case hexadecimal digits (Orthanc Book, "Orthanc
/// identifiers"). Whatever is not of this form cannot name a resource, so it is never cached.
/// </summary>
public readonly record struct ResourceId(ulong Word0, ulong Word1, uint Word2)
{
    /// <summary>Bytes of the binary form.</summary>
    public const int Size = 20;

    /// <summary>Characters of the text form.</summary>
    public const int TextLength = 44;

    /// <summary>Reads the text form; nothing but the exact form is taken.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ResourceId id)
    {
        id = default;
        if (text.Length != TextLength)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[Size];
        var position = 0;
        for (var i = 0; i < Size; i++)
        {
            if (i > 0 && i % 4 == 0 && text[position++] != (byte)'-')
            {
                return false;
            }

            var high = Digit(text[position++]);
            var low = Digit(text[position++]);
            if ((high | low) < 0)
            {
                return false;
            }

            bytes[i] = (byte)((high << 4) | low);
        }

        id = Read(bytes);
        return true;
    }

    /// <summary>Reads the binary form.</summary>
    public static ResourceId Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));

    /// <summary>Writes the binary form, 20 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, Word0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Word1);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], Word2);
    }

    /// <summary>Writes the text form, 44 bytes.</summary>
    public void Format(Span<byte> destination)
    {
        Span<byte> bytes = stackalloc byte[Size];
        CopyTo(bytes);
        var position = 0;
        for (var i = 0; i < Size; i++)
        {
            if (i > 0 && i % 4 == 0)
            {
                destination[position++] = (byte)'-';
            }

            destination[position++] = "0123456789abcdef"u8[bytes[i] >> 4];
            destination[position++] = "0123456789abcdef"u8[bytes[i] & 15];
        }
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> text = stackalloc byte[TextLength];
        Format(text);
        return System.Text.Encoding.ASCII.GetString(text);
    }

    private static int Digit(byte c) => c switch
    {
        >= (byte)'0' and <= (byte)'9' => c - '0',
        >= (byte)'a' and <= (byte)'f' => c - 'a' + 10,
        _ => -1,
    };
}
