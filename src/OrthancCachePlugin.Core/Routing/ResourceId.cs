using System.Buffers.Binary;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Routing;

/// <summary>An Orthanc identifier: a SHA-1 written as five groups of eight lower-case hexadecimal digits (Orthanc Book, "Orthanc identifiers").
/// Whatever is not of this form cannot name a resource, so it is never cached.</summary>
public readonly record struct ResourceId(ulong Word0, ulong Word1, uint Word2)
{
    public const int Size = 20;

    public const int TextLength = 44;

    public static bool TryParse(ReadOnlySpan<byte> text, out ResourceId id)
    {
        id = default;
        if (text.Length != TextLength)
        {
            return false;
        }

        ulong faults = 0;
        var group0 = Group(text, ref faults);
        var group1 = Group(text[9..], ref faults);
        var group2 = Group(text[18..], ref faults);
        var group3 = Group(text[27..], ref faults);
        var group4 = Group(text[36..], ref faults);
        faults |= (uint)(text[8] ^ '-') | (uint)(text[17] ^ '-') | (uint)(text[26] ^ '-') | (uint)(text[35] ^ '-');
        id = faults == 0 ? new ResourceId(((ulong)group0 << 32) | group1, ((ulong)group2 << 32) | group3, group4) : default;
        return faults == 0;
    }

    public static ResourceId Read(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, Word0);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Word1);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], Word2);
    }

    public void Format(Span<byte> destination)
    {
        Write((uint)(Word0 >> 32), destination);
        Write((uint)Word0, destination[9..]);
        Write((uint)(Word1 >> 32), destination[18..]);
        Write((uint)Word1, destination[27..]);
        Write(Word2, destination[36..]);
        destination[8] = destination[17] = destination[26] = destination[35] = (byte)'-';
    }

    private static void Write(uint group, Span<byte> destination) =>
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Hexadecimal.Digits(BinaryPrimitives.ReverseEndianness(group)));

    public override string ToString()
    {
        Span<byte> text = stackalloc byte[TextLength];
        Format(text);
        return System.Text.Encoding.ASCII.GetString(text);
    }

    /// <summary>The value of eight hexadecimal digits, all at once; sets bits of <paramref name="faults"/> where one is not.</summary>
    private static uint Group(ReadOnlySpan<byte> text, ref ulong faults)
    {
        const ulong Each = 0x0101010101010101;
        var digits = BinaryPrimitives.ReadUInt64LittleEndian(text);
        var values = (digits & (0x0f * Each)) + (9 * ((digits >> 6) & Each));
        var pairs = ((values << 4) | (values >> 8)) & 0x00ff00ff00ff00ff;
        pairs = (pairs | (pairs >> 8)) & 0x0000ffff0000ffff;
        var bytes = (uint)(pairs | (pairs >> 16));

        // What else might look like a digit to the line above looks different when it is written again.
        faults |= Hexadecimal.Digits(bytes) ^ digits;
        return BinaryPrimitives.ReverseEndianness(bytes);
    }
}

public readonly record struct Resource(ResourceLevel Level, ResourceId Id);

/// <summary>The four levels of the DICOM hierarchy as the Orthanc Book has them. The numbers are part of stored keys.</summary>
public enum ResourceLevel : byte
{
    Patient = 0,
    Study = 1,
    Series = 2,
    Instance = 3,
}

public static class ResourceLevels
{
    public static ReadOnlySpan<byte> PathOf(ResourceLevel level) => level switch
    {
        ResourceLevel.Patient => "patients"u8,
        ResourceLevel.Study => "studies"u8,
        ResourceLevel.Series => "series"u8,
        _ => "instances"u8,
    };

    public static bool TryParse(ReadOnlySpan<byte> path, out ResourceLevel level)
    {
        for (level = ResourceLevel.Patient; level <= ResourceLevel.Instance; level++)
        {
            if (path.SequenceEqual(PathOf(level)))
            {
                return true;
            }
        }

        return false;
    }
}
