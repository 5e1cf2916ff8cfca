using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using Xunit;

namespace OrthancCachePlugin.Tests.Storage;

public sealed class EntryAgeTests
{
    private const long Day = 24 * 60 * 60 * 1000;

    [Theory]
    [InlineData(0, 7 * Day, true)]
    [InlineData(1, 7 * Day, false)]
    [InlineData(8 * Day, 7 * Day, false)]
    [InlineData((8 * Day) + 1, 7 * Day, true)]
    public void Ends_after_its_time_and_is_not_believed_from_far_ahead(long createdAt, long now, bool over) =>
        EntryAge.IsOver(createdAt, now, 7 * Day).Should().Be(over);
}
