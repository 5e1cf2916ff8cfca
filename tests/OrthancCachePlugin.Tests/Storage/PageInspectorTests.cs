using System.Buffers.Binary;
using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>FASTER walks over the records of a page by their lengths.</summary>
public sealed class PageInspectorTests
{
    private readonly LogGeometry _geometry = new(16, 17, 18);
    private readonly PageInspector _inspector;

    public PageInspectorTests() => _inspector = new PageInspector(_geometry, new SegmentTable(17), new AccessTable(64 << 20), seed: 1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Regression_a_page_of_different_times_is_cleared_whenever_it_is_read_and_not_by_the_recovery_alone(bool recovers)
    {
        var address = 5 * _geometry.PageSize;
        var record = LoggedRecordTests.Record();
        var page = new byte[_geometry.PageSize];
        record.CopyTo(page, 0);
        record.CopyTo(page, record.Length);
        if (recovers)
        {
            _inspector.Begin(address + _geometry.PageSize);
        }

        _inspector.Inspect(address, page, page.Length).Should().BeFalse();
        page.AsSpan(record.Length, record.Length).SequenceEqual(record).Should().BeTrue();

        // The length of the second key points out of the page: a scan of it took the process down.
        BinaryPrimitives.WriteInt32LittleEndian(page.AsSpan(record.Length + RecordExtent.KeyAt - sizeof(int)), 1 << 30);

        _inspector.Inspect(address, page, page.Length).Should().BeTrue();
        page.AsSpan(0, record.Length).SequenceEqual(record).Should().BeTrue();
        page.AsSpan(record.Length).ContainsAnyExcept((byte)0).Should().BeFalse();
        _inspector.RejectedPages.Should().Be(recovers ? 1 : 0);
    }

    [Fact]
    public void A_lookup_that_reads_a_part_of_the_first_record_of_a_page_is_left_alone()
    {
        var record = LoggedRecordTests.Record();
        var part = record.AsSpan(0, record.Length - 8).ToArray();
        var before = part.ToArray();
        _inspector.Inspect(5 * _geometry.PageSize, part, part.Length).Should().BeFalse();
        part.Should().Equal(before);
    }
}
