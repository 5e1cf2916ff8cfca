using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>Bytes that an earlier version wrote. They are never changed; a new format gets new ones.</summary>
public sealed class GoldenFilesTests
{
    private static readonly byte[] Key = Encoding.UTF8.GetBytes("study/1/shared-tags");

    [Fact]
    public void Record_version_2()
    {
        var payload = Enumerable.Range(0, 2000).Select(i => (byte)(i * 7)).ToArray();
        var record = new byte[RecordCodec.HeaderSize + payload.Length];
        payload.CopyTo(record, RecordCodec.HeaderSize);
        RecordCodec.WriteHeader(record, Key, 1_676_905_200_000);

        Convert.ToHexString(record[..32]).Should().Be(RecordHead);
        var golden = (byte[])[.. Convert.FromHexString(RecordHead)[..RecordCodec.HeaderSize], .. payload];
        RecordCodec.TryReadHeader(golden, Key.Length, out var header).Should().BeTrue();
        header.CreatedAt.Should().Be(1_676_905_200_000);
        RecordCodec.Verify(header, Key, payload).Should().BeTrue();
    }

    [Fact]
    public void Checkpoint_version_2()
    {
        var data = new CheckpointData(0x0123456789ABCDEF, 0xFEDCBA9876543210, new Guid("00112233-4455-6677-8899-aabbccddeeff"), "log"u8.ToArray());

        Convert.ToHexString(CheckpointFile.Encode(data)).Should().Be(Checkpoint);
        CheckpointFile.Decode(Convert.FromHexString(Checkpoint), data.Fingerprint, out var read).Should().Be(CheckpointStatus.Valid);
        read.Should().BeEquivalentTo(data);
    }

    [Fact]
    public void Segment_and_sidecar_version_2()
    {
        using var directory = new TemporaryDirectory();
        var files = new StoreFiles(directory.Path);
        var geometry = new LogGeometry(16, 16, 18);
        var block = Enumerable.Range(0, 4096).Select(i => (byte)i).ToArray();
        using (var segments = new GuardedSegments(LocalDisk.Instance, files, geometry, 42))
        {
            segments.Write(3, 4096, block);
            Array.Reverse(block);
            segments.Write(3, 4096, block);
        }

        Convert.ToHexString(File.ReadAllBytes(files.Sidecar(3))).Should().Be(Sidecar);
        Path.GetFileName(files.Segment(3)).Should().Be("segment-0000000003.log");
        new FileInfo(files.Segment(3)).Length.Should().Be(8192);
    }

    [Fact]
    public void Hash_of_keys_version_2()
    {
        // Entries that collide are linked in the log by this number.
        KeyHash.Compute(Key, 42).Should().Be(Hash);
    }

    [Fact]
    public void A_checkpoint_of_version_1_is_of_another_version_and_not_damaged() =>
        CheckpointFile.Decode(Convert.FromHexString(CheckpointVersion1), 0x0123456789ABCDEF, out _).Should().Be(CheckpointStatus.OtherSettings);

    private const string RecordHead = "4F5243323328B84380B9566F8601000013000000D007000000070E151C232A31";
    private const string CheckpointVersion1 = "4F52434301000000EFCDAB89674523011032547698BADCFE33221100554477668899AABBCCDDEEFF030000006C6F6704FB5671";
    private const string Checkpoint = "4F52434302000000EFCDAB89674523011032547698BADCFE33221100554477668899AABBCCDDEEFF030000006C6F67598E3CA9";
    private const string Sidecar = "0000000000000000DA2722A94A5D530D";
    private const ulong Hash = 18442427117714109484;
}
