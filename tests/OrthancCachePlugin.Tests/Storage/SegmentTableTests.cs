using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class SegmentTableTests
{
    [Fact]
    public void Knows_number_and_age_of_what_is_left()
    {
        var table = new SegmentTable(16);
        table.Note(1, 2, 100, 200);
        table.Note(1, 1, 50, 60);
        table.Note(2, 1, 300, 300);
        (table.Records, table.Oldest, table.RecordsIn(1)).Should().Be((4L, 50L, 3L));
        table.IsOlderThan(1, 201).Should().BeTrue();
        table.IsOlderThan(1, 200).Should().BeFalse();
        table.ForgetBelow(2);
        (table.Records, table.Oldest).Should().Be((1L, 300L));
        table.ForgetBelow(9);
        (table.Records, table.Oldest).Should().Be((0L, 0L));
    }
}
