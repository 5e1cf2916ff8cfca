using System.Globalization;
using FluentAssertions;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.StoreTorture;
using Xunit;
using Xunit.Abstractions;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>
/// The rounds of the torture program, few by default. <c>RESPONSE_CACHE_TEST_SCALE</c> multiplies them: 20 is what CI runs, 200 a night.
/// </summary>
public sealed class TortureTests(ITestOutputHelper output) : IDisposable
{
    private static readonly int Scale =
        int.TryParse(Environment.GetEnvironmentVariable("RESPONSE_CACHE_TEST_SCALE"), CultureInfo.InvariantCulture, out var scale) ? scale : 1;

    private readonly TemporaryDirectory directory = new();
    private readonly int seed = Environment.TickCount;

    public void Dispose() => directory.Dispose();

    [Fact]
    public void After_kill_9_every_response_is_right_or_a_miss() =>
        Report(KillRounds.Run(directory.Store, 6 * Scale, seed)).Should().BeTrue();

    [Fact]
    public void Whatever_happens_to_its_files_the_store_neither_lies_nor_crashes_nor_hangs() =>
        Report(DamageCases.Run(directory.Path, 25 * Scale, seed)).Should().BeTrue();

    [Fact]
    public void Disk_use_stays_below_the_cap_at_every_moment()
    {
        Directory.CreateDirectory(directory.Path);
        Report(Figures.Peak(directory.Path, Math.Min(2 * Scale, 60))).Should().BeTrue();
    }

    [Theory]
    [InlineData("zipf 0.8")]
    [InlineData("zipf 1.0")]
    [InlineData("zipf 0.8 drifting")]
    [InlineData("zipf 0.8 with scans")]
    public void The_hit_ratio_is_at_least_that_of_an_exact_LRU(string trace)
    {
        var result = HitRatio.Measure(directory.Store, trace, share: 0.2, keys: 10_000, requests: 120_000 * Math.Min(Scale, 10), seed: 1);
        output.WriteLine(FormattableString.Invariant($"{trace}: store {result.Store:P2}, exact LRU {result.Lru:P2}"));

        // Eviction runs beside the writers, so at this small cap a handful of hits in a hundred thousand depend on the scheduler.
        result.Store.Should().BeGreaterThanOrEqualTo(result.Lru - 0.001);
        result.PeakBytes.Should().BeLessThanOrEqualTo(result.Cap);
    }

    [Fact]
    public void A_hit_in_memory_allocates_nothing() => Report(Figures.Speed(directory.Path, 10_000 * Scale)).Should().BeTrue();

    private bool Report(bool good)
    {
        output.WriteLine($"seed {seed}, scale {Scale}");
        return good;
    }
}
