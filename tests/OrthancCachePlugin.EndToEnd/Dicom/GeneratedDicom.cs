using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace OrthancCachePlugin.EndToEnd.Dicom;

/// <summary>One element of a data set: bytes, or the items of a sequence.</summary>
public sealed record DicomElement(uint Tag, string Vr, byte[] Value, IReadOnlyList<IReadOnlyList<DicomElement>>? Items = null, bool HasLength = true);

/// <summary>The elements of the instances of one series, without identifiers.</summary>
public sealed record GeneratedSeries(IReadOnlyList<IReadOnlyList<DicomElement>> Instances)
{
    public override string ToString() => string.Join('\n', Instances.Select(i => string.Join(' ', i.Select(Show))));

    private static string Show(DicomElement element) => element.Items is null
        ? $"{element.Tag:x8}{element.Vr}={Convert.ToHexString(element.Value)}"
        : $"{element.Tag:x8}SQ=[{string.Join(',', element.Items.Select(i => "{" + string.Join(' ', i.Select(Show)) + "}"))}]";
}

/// <summary>Random data sets such as no scanner writes, and some do: character sets and bytes that are none of them, private tags with and without
/// creators, names that collide, nested and empty sequences, lengths around those that Orthanc cuts at.</summary>
public static class GeneratedDicom
{
    private const string Root = "1.2.826.0.1.3680043.8.498.4712";

    private static readonly string[] CharacterSets =
    [
        "", "ISO_IR 100", "ISO_IR 101", "ISO_IR 144", "ISO_IR 13", "ISO_IR 166", "ISO_IR 192", "GB18030", "ISO 2022 IR 87", "\\ISO 2022 IR 149", "ISO_IR 999",
    ];

    private static readonly (uint Tag, string Vr)[] Texts =
    [
        (0x0008_0070, "LO"), (0x0008_0080, "LO"), (0x0008_0090, "PN"), (0x0008_1010, "SH"), (0x0008_1030, "LO"), (0x0008_103E, "LO"), (0x0008_2111, "ST"),
        (0x0010_0010, "PN"), (0x0010_0030, "DA"), (0x0010_1010, "AS"), (0x0010_21B0, "LT"), (0x0018_0015, "CS"), (0x0018_1030, "LO"), (0x0018_1164, "DS"),
        (0x0020_0013, "IS"), (0x0020_0032, "DS"), (0x0020_4000, "LT"), (0x0032_1060, "LO"), (0x0040_A160, "UT"), (0x0008_0018, "UI"), (0x0008_0060, "CS"),
        (0x0008_0030, "TM"), (0x0008_0055, "AE"), (0x0008_1155, "UI"), (0x0011_0010, "LO"), (0x0009_0010, "LO"), (0x0009_0011, "LO"), (0x0019_0010, "LO"),
        (0x0009_1001, "LO"), (0x0009_1002, "UN"), (0x0009_1101, "LT"), (0x0011_1001, "SH"), (0x0019_1005, "DS"), (0x0029_1008, "LO"), (0x0023_0123, "LO"),
        (0x5000_2500, "LO"), (0x6000_0022, "LO"), (0x0028_0A02, "CS"), (0x0070_0084, "PN"),
    ];

    private static readonly (uint Tag, string Vr, int Size)[] Numbers =
    [
        (0x0018_9087, "FD", 8), (0x0018_9074, "DT", 1), (0x0028_0008, "IS", 1), (0x0028_0106, "US", 2), (0x0028_9110, "FL", 4), (0x0028_0009, "AT", 4),
        (0x0018_6020, "SL", 4), (0x0018_6022, "UL", 4), (0x0028_1201, "OW", 2), (0x0042_0011, "OB", 1), (0x0009_1010, "OB", 1), (0x0019_1010, "FD", 8),
        (0x0029_1010, "UN", 1), (0x7FE1_1010, "OW", 2), (0x0028_1101, "US", 2), (0x0028_0120, "SS", 2), (0x0066_0016, "OF", 4),
    ];

    private static readonly uint[] Sequences = [0x0008_1115, 0x0008_1140, 0x0040_0275, 0x0040_A730, 0x0009_1020, 0x0019_1030, 0x3006_0010, 0x5200_9229];

    private static readonly string[] Creators = ["GEMS_IDEN_01", "SIEMENS CSA HEADER", "ELSCINT1", "Philips Imaging DD 001", "NOBODY \"KNOWS\" \\THIS", "\u00e9"];

    private static readonly Gen<int> Length = Gen.Frequency(
        (8, Gen.Choose(0, 24)), (4, Gen.Choose(60, 68)), (6, Gen.Choose(250, 262)), (1, Gen.Choose(1000, 9000)));

    private static readonly Gen<byte[]> Piece = Gen.OneOf(
        Gen.Elements("Müller^Jürgen=名=な", "é\u0000\t\n\"\\/", "a\\b\\\\c", "NaN", "-0.5\\1e400\\nan", "\u001b$B;3ED\u001b(B", "<&>'", "\u2028\ud83d\ude00", "0", " ")
            .Select(Encoding.UTF8.GetBytes),
        Gen.Choose(0, 255).ListOf(9).Select(l => l.Select(b => (byte)b).ToArray()),
        Gen.Choose(32, 126).ListOf(12).Select(l => l.Select(b => (byte)b).ToArray()),
        Gen.Elements(0x82, 0xA0, 0xC0, 0xE4, 0xFF, 0xFE).ListOf(4).Select(l => l.Select(b => (byte)b).ToArray()));

    private static readonly Gen<DicomElement> Text =
        from element in Gen.Elements(Texts)
        from length in Length
        from piece in Piece
        from creator in Gen.Elements(Creators)
        let isCreator = (element.Tag >> 16 & 1) == 1 && (element.Tag & 0xFFFF) < 0x100
        select new DicomElement(element.Tag, element.Vr, isCreator ? Encoding.UTF8.GetBytes(creator) : Repeat(piece, length));

    private static readonly Gen<DicomElement> Number =
        from element in Gen.Elements(Numbers)
        from count in Gen.Frequency((6, Gen.Choose(0, 3)), (1, Gen.Choose(20, 140)))
        from bytes in Gen.OneOf(Gen.Choose(0, 255), Gen.Elements(0, 255), Gen.Constant(49)).ListOf(element.Size * count)
        select new DicomElement(element.Tag, element.Vr, [.. bytes.Select(b => (byte)b)]);

    /// <summary>Some series, which are made fewer where they fail, and the last one smaller.</summary>
    public static Arbitrary<IReadOnlyList<GeneratedSeries>> Batch(int size) => Arb.ToArbitrary(
        Series().ListOf(size).Select(l => (IReadOnlyList<GeneratedSeries>)[.. l]),
        batch => batch.Count > 1
            ? [[.. batch.Take(batch.Count / 2)], [.. batch.Skip(batch.Count / 2)]]
            : batch.SelectMany(Smaller).Select(s => (IReadOnlyList<GeneratedSeries>)[s]));

    /// <summary>A file of the series.</summary>
    public static byte[] Write(GeneratedSeries series, int number, int instance)
    {
        var uid = string.Create(CultureInfo.InvariantCulture, $"{Root}.{number}.1.1.{instance + 1}");
        var own = new List<DicomElement>
        {
            new(0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.7"u8.ToArray()),
            new(0x0008_0018, "UI", Encoding.ASCII.GetBytes(uid)),
            new(0x0010_0020, "LO", Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"GENERATED-{number}"))),
            new(0x0020_000D, "UI", Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Root}.{number}.1"))),
            new(0x0020_000E, "UI", Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Root}.{number}.1.1"))),
            new(0x7FE0_0010, "OW", new byte[16]),
        };
        own.AddRange(series.Instances[instance].Where(e => own.TrueForAll(o => o.Tag != e.Tag)));

        List<DicomElement> meta =
        [
            new(0x0002_0001, "OB", [0, 1]),
            new(0x0002_0002, "UI", "1.2.840.10008.5.1.4.1.1.7"u8.ToArray()),
            new(0x0002_0003, "UI", Encoding.ASCII.GetBytes(uid)),
            new(0x0002_0010, "UI", "1.2.840.10008.1.2.1"u8.ToArray()),
            new(0x0002_0012, "UI", Encoding.ASCII.GetBytes(Root)),
        ];
        var header = Bytes(meta);
        return [.. new byte[128], .. "DICM"u8, .. Bytes([new(0x0002_0000, "UL", BitConverter.GetBytes(header.Length))]), .. header, .. Bytes(own)];
    }

    private static Gen<GeneratedSeries> Series() =>
        from charset in Gen.Elements(CharacterSets)
        from count in Gen.Choose(1, 4)
        from common in DataSet(depth: 0, Gen.Choose(0, 14))
        from own in DataSet(depth: 0, Gen.Choose(0, 3)).ListOf(count)
        let set = new DicomElement(0x0008_0005, "CS", Encoding.ASCII.GetBytes(charset))
        select new GeneratedSeries([.. own.Select(o => (IReadOnlyList<DicomElement>)[set, .. o, .. common])]);

    private static Gen<List<DicomElement>> DataSet(int depth, Gen<int> size) => size.SelectMany(n => Element(depth).ListOf(n)).Select(l => l.ToList());

    private static Gen<DicomElement> Element(int depth) => depth > 3
        ? Text
        : Gen.Frequency((10, Text), (4, Number), (depth == 0 ? 3 : 2, Gen.Constant(0).SelectMany(_ => Sequence(depth))));

    private static Gen<DicomElement> Sequence(int depth) =>
        from tag in Gen.Elements(Sequences)
        from hasLength in Gen.Elements(true, false)
        from count in Gen.Choose(0, 3)
        from items in DataSet(depth + 1, Gen.Choose(0, 4)).ListOf(count)
        select new DicomElement(tag, "SQ", [], [.. items.Select(i => (IReadOnlyList<DicomElement>)i)], hasLength);

    private static IEnumerable<GeneratedSeries> Smaller(GeneratedSeries series)
    {
        for (var i = 0; i < series.Instances.Count && series.Instances.Count > 1; i++)
        {
            yield return new GeneratedSeries([.. series.Instances.Where((_, index) => index != i)]);
        }

        foreach (var tag in series.Instances.SelectMany(i => i).Select(e => e.Tag).Distinct())
        {
            yield return new GeneratedSeries([.. series.Instances.Select(i => (IReadOnlyList<DicomElement>)[.. i.Where(e => e.Tag != tag)])]);
        }
    }

    private static byte[] Repeat(byte[] piece, int length) => [.. Enumerable.Range(0, length).Select(i => piece[i % piece.Length])];

    /// <summary>In explicit little endian; of equal tags the first one counts.</summary>
    private static byte[] Bytes(IEnumerable<DicomElement> elements)
    {
        var bytes = new List<byte>();
        foreach (var element in elements.DistinctBy(e => e.Tag).OrderBy(e => e.Tag))
        {
            Add(bytes, element);
        }

        return [.. bytes];
    }

    private static void Add(List<byte> to, DicomElement element)
    {
        var value = element.Items is null ? Padded(element) : [.. element.Items.SelectMany(Item)];
        AddTag(to, element.Tag);
        to.AddRange(Encoding.ASCII.GetBytes(element.Vr));
        var isLong = element.Vr is "OB" or "OW" or "OF" or "SQ" or "UN" or "UT";
        if (!isLong)
        {
            to.AddRange(BitConverter.GetBytes((ushort)value.Length));
        }
        else
        {
            to.AddRange([0, 0]);
            to.AddRange(BitConverter.GetBytes(element.HasLength ? (uint)value.Length : uint.MaxValue));
        }

        to.AddRange(value);
        if (!element.HasLength)
        {
            AddTag(to, 0xFFFE_E0DD);
            to.AddRange(new byte[4]);
        }
    }

    private static byte[] Item(IReadOnlyList<DicomElement> elements)
    {
        var content = Bytes(elements);
        var item = new List<byte>();
        AddTag(item, 0xFFFE_E000);
        item.AddRange(BitConverter.GetBytes(content.Length));
        return [.. item, .. content];
    }

    private static byte[] Padded(DicomElement element) =>
        element.Value.Length % 2 == 0 ? element.Value : [.. element.Value, (byte)(element.Vr is "UI" or "OB" or "UN" ? 0 : ' ')];

    private static void AddTag(List<byte> to, uint tag)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[2..], (ushort)tag);
        to.AddRange(bytes);
    }
}
