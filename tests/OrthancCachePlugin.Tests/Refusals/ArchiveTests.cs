using System.IO.Compression;
using FluentAssertions;
using OrthancCachePlugin.Core.Refusals;
using Xunit;

namespace OrthancCachePlugin.Tests.Refusals;

public sealed class ArchiveTests
{
    [Theory]
    [InlineData(0, "")]
    [InlineData(3, "")]
    [InlineData(3, "with a comment, PK\u0005\u0006 and all")]
    public void A_whole_archive_ends_with_its_directory(int files, string comment)
    {
        var archive = Make(files, comment);

        ZipEnd.IsIn(archive).Should().BeTrue();
        for (var cut = 1; cut < 22 && cut < archive.Length; cut++)
        {
            ZipEnd.IsIn(archive.AsSpan(..^cut)).Should().BeFalse();
        }

        ZipEnd.IsIn([.. archive, 0]).Should().BeFalse();
    }

    [Fact]
    public void Nothing_is_no_archive() => ZipEnd.IsIn(default).Should().BeFalse();

    [Theory]
    [InlineData("{\"DicomUncompressedSize\":\"5000000000\",\"DiskSize\":\"1\"}", true, 5_000_000_000)]
    [InlineData("{\"DiskSize\":\"1\"}", false, 0)]
    [InlineData("{\"DicomUncompressedSize\":1}", false, 0)]
    [InlineData("{", false, 0)]
    public void The_size_is_read_from_the_statistics(string json, bool isKnown, long bytes)
    {
        ArchiveSize.TryReadStatistics(System.Text.Encoding.UTF8.GetBytes(json), out var read).Should().Be(isKnown);
        read.Should().Be(bytes);
    }

    [Fact]
    public void An_archive_may_have_a_third_of_the_memory_and_what_32_bits_count()
    {
        ArchiveSize.Limit(3L << 30).Should().Be(1L << 30);
        ArchiveSize.Limit(1L << 40).Should().BeLessThan(uint.MaxValue);
        ArchiveSize.Refuse(5L << 30, 1L << 30).Text.Should().Contain("5120 MiB").And.Contain("1024 MiB").And.Contain("\"Asynchronous\": true");
    }

    private static byte[] Make(int files, string comment)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            zip.Comment = comment;
            for (var i = 0; i < files; i++)
            {
                using var entry = zip.CreateEntry($"{i}").Open();
                entry.Write("content"u8);
            }
        }

        return memory.ToArray();
    }
}
