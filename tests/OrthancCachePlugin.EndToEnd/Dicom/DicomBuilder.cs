using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace OrthancCachePlugin.EndToEnd.Dicom;

/// <summary>
/// Writes small DICOM files (explicit little endian) with chosen identifiers, so that mutations have the same outcome on two servers.
/// </summary>
/// <param name="Patient">Number of the patient.</param>
/// <param name="Study">Number of the study within the patient.</param>
/// <param name="Series">Number of the series within the study.</param>
/// <param name="Instance">Number of the instance within the series.</param>
public sealed record DicomBuilder(int Patient, int Study, int Series, int Instance)
{
    private const string UidRoot = "1.2.826.0.1.3680043.8.498.4711";

    public string PatientId => $"E2E-{Patient}";

    public string StudyUid => $"{UidRoot}.{Patient}.{Study}";

    public string SeriesUid => $"{StudyUid}.{Series}";

    public string InstanceUid => $"{SeriesUid}.{Instance}";

    /// <summary>Builds the file.</summary>
    /// <param name="comment">Goes into ImageComments: the part that tells one version of the instance from another.</param>
    /// <param name="photometric">The photometric interpretation of its 8x8 image.</param>
    public byte[] Build(string comment, string photometric = "MONOCHROME2")
    {
        var body = new List<byte>();
        Add(body, 0x0008_0005, "CS", "ISO_IR 192");
        Add(body, 0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.7");
        Add(body, 0x0008_0018, "UI", InstanceUid);
        Add(body, 0x0008_0020, "DA", "20230220");
        Add(body, 0x0008_0030, "TM", "150000");
        Add(body, 0x0008_0050, "SH", $"A{Study}");
        Add(body, 0x0008_0060, "CS", "OT");
        Add(body, 0x0008_0090, "PN", "Referring^Physician");
        Add(body, 0x0008_1030, "LO", $"Study {Study} é");
        Add(body, 0x0008_103E, "LO", $"Series {Series}");
        Add(body, 0x0010_0010, "PN", $"End^To^End {Patient}");
        Add(body, 0x0010_0020, "LO", PatientId);
        Add(body, 0x0010_0030, "DA", "19700101");
        Add(body, 0x0010_0040, "CS", "O");
        Add(body, 0x0020_000D, "UI", StudyUid);
        Add(body, 0x0020_000E, "UI", SeriesUid);
        Add(body, 0x0020_0010, "SH", Study.ToString(CultureInfo.InvariantCulture));
        Add(body, 0x0020_0011, "IS", Series.ToString(CultureInfo.InvariantCulture));
        Add(body, 0x0020_0013, "IS", Instance.ToString(CultureInfo.InvariantCulture));
        Add(body, 0x0020_4000, "LT", comment);
        AddNumber(body, 0x0028_0002, 1);
        Add(body, 0x0028_0004, "CS", photometric);
        AddNumber(body, 0x0028_0010, 8);
        AddNumber(body, 0x0028_0011, 8);
        AddNumber(body, 0x0028_0100, 8);
        AddNumber(body, 0x0028_0101, 8);
        AddNumber(body, 0x0028_0102, 7);
        AddNumber(body, 0x0028_0103, 0);
        var shade = comment.Aggregate(17, (sum, c) => (sum * 31) + c);
        AddLong(body, 0x7FE0_0010, "OW", [.. Enumerable.Range(0, 64).Select(i => (byte)(i + shade))]);

        var meta = new List<byte>();
        AddLong(meta, 0x0002_0001, "OB", [0, 1]);
        Add(meta, 0x0002_0002, "UI", "1.2.840.10008.5.1.4.1.1.7");
        Add(meta, 0x0002_0003, "UI", InstanceUid);
        Add(meta, 0x0002_0010, "UI", "1.2.840.10008.1.2.1");
        Add(meta, 0x0002_0012, "UI", UidRoot);

        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, meta.Count);
        var head = new List<byte>(new byte[128]);
        head.AddRange("DICM"u8);
        AddShort(head, 0x0002_0000, "UL", length);
        return [.. head, .. meta, .. body];
    }

    /// <summary>The same with other pixel data, which Orthanc does not look at: the way to make a file as large as is wanted.</summary>
    public byte[] BuildWithPixels(string comment, byte[] pixels)
    {
        const int BuiltIn = 64;
        var file = Build(comment);
        return [.. file.AsSpan(..^(BuiltIn + sizeof(int))), .. BitConverter.GetBytes(pixels.Length), .. pixels];
    }

    private static void Add(List<byte> to, uint tag, string vr, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        AddShort(to, tag, vr, bytes.Length % 2 == 0 ? bytes : [.. bytes, (byte)(vr == "UI" ? 0 : ' ')]);
    }

    private static void AddNumber(List<byte> to, uint tag, ushort value) => AddShort(to, tag, "US", BitConverter.GetBytes(value));

    private static void AddShort(List<byte> to, uint tag, string vr, byte[] value)
    {
        AddTag(to, tag, vr);
        to.AddRange(BitConverter.GetBytes((ushort)value.Length));
        to.AddRange(value);
    }

    private static void AddLong(List<byte> to, uint tag, string vr, byte[] value)
    {
        AddTag(to, tag, vr);
        to.AddRange([0, 0]);
        to.AddRange(BitConverter.GetBytes(value.Length));
        to.AddRange(value);
    }

    private static void AddTag(List<byte> to, uint tag, string vr)
    {
        to.AddRange(BitConverter.GetBytes((ushort)(tag >> 16)));
        to.AddRange(BitConverter.GetBytes((ushort)tag));
        to.AddRange(Encoding.ASCII.GetBytes(vr));
    }
}
