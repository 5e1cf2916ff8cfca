using FluentAssertions;
using OrthancCachePlugin.Core.Serving;
using Xunit;

namespace OrthancCachePlugin.Tests.Administration;

/// <summary>Quantiles as upper bounds of classes that double.</summary>
public sealed class LatencyHistogramTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    [InlineData(3, 4)]
    [InlineData(100, 128)]
    [InlineData(128, 256)]
    [InlineData(5_000_000, 1 << 23)]
    [InlineData(60_000_000, 1 << 23)]
    public void A_duration_lies_below_the_bound_of_its_class(long microseconds, long bound)
    {
        var histogram = new LatencyHistogram();
        histogram.Add(TimeSpan.FromMicroseconds(microseconds));

        Quantile(histogram, 0.5).Should().Be(bound);
        histogram.TotalMicroseconds.Should().Be(microseconds);
    }

    [Fact]
    public void One_slow_hit_of_a_hundred_shows_beyond_the_99th_percent()
    {
        var histogram = new LatencyHistogram();
        for (var i = 0; i < 99; i++)
        {
            histogram.Add(TimeSpan.FromMicroseconds(10));
        }

        histogram.Add(TimeSpan.FromMilliseconds(100));

        Quantile(histogram, 0.99).Should().Be(16);
        Quantile(histogram, 0.995).Should().Be(1 << 17);
    }

    [Fact]
    public void Without_any_duration_there_is_no_quantile()
    {
        Quantile(new LatencyHistogram(), 0.99).Should().Be(0);
    }

    private static long Quantile(LatencyHistogram histogram, double quantile)
    {
        Span<long> counts = stackalloc long[LatencyHistogram.Classes];
        histogram.CopyTo(counts);
        return LatencyHistogram.Quantile(counts, quantile);
    }
}
