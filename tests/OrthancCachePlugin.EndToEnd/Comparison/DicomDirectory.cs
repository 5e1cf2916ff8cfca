using System.Buffers.Binary;
using System.Text;

namespace OrthancCachePlugin.EndToEnd.Comparison;

/// <summary>
/// The elements of a DICOMDIR as lines. Left out is what no two of them share: the generated SOP instance UID of the directory itself
/// (0002,0003), and, because that UID's length moves everything behind it, the length of the header and the offsets of group 0004.
/// </summary>
internal static class DicomDirectory
{
    private const int Preamble = 132;
    private const uint Undefined = 0xFFFFFFFF;

    private static readonly HashSet<uint> LeftOut =
        [0x0002_0000, 0x0002_0003, 0x0004_1200, 0x0004_1202, 0x0004_1400, 0x0004_1420, 0x0004_1504];

    public static string Describe(byte[] file)
    {
        var text = new StringBuilder();
        for (var at = Preamble; at < file.Length;)
        {
            var tag = ((uint)UInt16(file, at) << 16) | UInt16(file, at + 2);
            uint length;
            string vr;
            if (tag >> 16 == 0xFFFE)
            {
                // Items and their ends have no value representation.
                (vr, length, at) = ("--", UInt32(file, at + 4), at + 8);
            }
            else
            {
                vr = Encoding.ASCII.GetString(file, at + 4, 2);
                var isLong = vr is "OB" or "OW" or "OF" or "SQ" or "UN" or "UT";
                (length, at) = isLong ? (UInt32(file, at + 8), at + 12) : (UInt16(file, at + 6), at + 8);
            }

            text.Append("  ").Append(tag.ToString("x8", null)).Append(' ').Append(vr).Append(' ');
            if (vr is not ("--" or "SQ") && length != Undefined)
            {
                text.Append(LeftOut.Contains(tag) ? "..." : Convert.ToHexString(file, at, (int)length));
                at += (int)length;
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    private static ushort UInt16(byte[] file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));

    private static uint UInt32(byte[] file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));
}
