using OrthancCachePlugin.Core.Archives;

namespace OrthancCachePlugin.Tests.Archives;

/// <summary>Names as Orthanc 1.12.7 and 1.13.0 gave them.</summary>
public sealed class ArchiveNamesTests
{
    private static readonly ArchiveNames Old = new(isJoined: false, allowsUtf8: false);
    private static readonly ArchiveNames Joined = new(isJoined: true, allowsUtf8: false);
    private static readonly ArchiveNames Utf8 = new(isJoined: true, allowsUtf8: true);

    [Theory]
    [InlineData("X1EXAMPLE", "Wang^XiaoDong=王^小东=", "X1EXAMPLE Wang XiaoDong", "X1EXAMPLE - Wang^XiaoDong=^=", "X1EXAMPLE - Wang^XiaoDong=王^小东=")]
    [InlineData("CQ500-CT-310", "CQ500-CT-310", "CQ500CT310 CQ500CT310", "CQ500-CT-310 - CQ500-CT-310", "CQ500-CT-310 - CQ500-CT-310")]
    [InlineData("", "", "Unknown Patient", "Unknown Patient", "Unknown Patient")]
    [InlineData("", "^^", "Unknown Patient", "- ^^", "- ^^")]
    [InlineData("a/b\\c:d", "e  f", "abcd e f", "a b c d - e f", "a b c d - e f")]
    [InlineData("..", "../../etc", ".. ....etc", ".. - .. .. etc", ".. - .. .. etc")]
    public void Of_patients(string id, string name, string old, string joined, string utf8)
    {
        new ArchiveNames.Directory(Old).Add(Old.Patient(ArchiveNames.Bytes(id), ArchiveNames.Bytes(name))).Should().Be(old);
        new ArchiveNames.Directory(Joined).Add(Joined.Patient(ArchiveNames.Bytes(id), ArchiveNames.Bytes(name))).Should().Be(joined);
        new ArchiveNames.Directory(Utf8).Add(Utf8.Patient(ArchiveNames.Bytes(id), ArchiveNames.Bytes(name))).Should().Be(utf8);
    }

    [Theory]
    [InlineData("2", "CT", "5.55mm Plain", "CT 5.55mm Plain", "2 - CT - 5.55mm Plain")]
    [InlineData("", "", "", "Unknown Series", "Unknown Series")]
    [InlineData("1", "OT", "", "OT", "1 - OT")]
    public void Of_series(string number, string modality, string description, string old, string joined)
    {
        Old.Series(number, modality, description).Should().Be(old);
        Joined.Series(number, modality, description).Should().Be(joined);
    }

    [Theory]
    [InlineData("CT", 21u, "CT000021.dcm")]
    [InlineData("", 3u, "00000003.dcm")]
    [InlineData("x", 3u, "X0000003.dcm")]
    [InlineData("ctxyz", 1234567u, "CT1234567.dcm")]
    public void Of_instances(string modality, uint number, string expected) => ArchiveNames.Instance(modality, number).Should().Be(expected);

    [Fact]
    public void Are_there_once_in_a_folder()
    {
        var directory = new ArchiveNames.Directory(Old);

        new[] { "CT", "CT^", "c t", "CT" }.Select(directory.Add).Should().Equal("CT", "CT-2", "c t", "CT-3");
    }
}
