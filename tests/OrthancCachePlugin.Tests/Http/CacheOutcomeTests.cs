using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Tests.Http;

public sealed class CacheOutcomeTests
{
    [Theory]
    [InlineData(CacheResult.Hit, CacheDetail.None, false, "response-cache; hit", WarmUpOutcome.Cached)]
    [InlineData(CacheResult.Hit, CacheDetail.Collapsed, false, "response-cache; hit; detail=collapsed", WarmUpOutcome.Cached)]
    [InlineData(CacheResult.Miss, CacheDetail.None, true, "response-cache; fwd=miss; stored", WarmUpOutcome.Stored)]
    [InlineData(CacheResult.Stale, CacheDetail.None, true, "response-cache; fwd=stale; stored", WarmUpOutcome.Stored)]
    [InlineData(CacheResult.Miss, CacheDetail.None, false, "response-cache; fwd=miss", WarmUpOutcome.NotCached)]
    [InlineData(CacheResult.Miss, CacheDetail.Unsettled, false, "response-cache; fwd=miss; detail=unsettled", WarmUpOutcome.Unsettled)]
    [InlineData(CacheResult.Miss, CacheDetail.Incomplete, false, "response-cache; fwd=miss; detail=incomplete", WarmUpOutcome.Failed)]
    [InlineData(CacheResult.Stale, CacheDetail.TooLarge, false, "response-cache; fwd=stale; detail=too-large", WarmUpOutcome.NotCached)]
    [InlineData(CacheResult.Stale, CacheDetail.NoStore, false, "response-cache; fwd=stale; detail=no-store", WarmUpOutcome.Busy)]
    [InlineData(CacheResult.Miss, CacheDetail.Busy, false, "response-cache; fwd=miss; detail=busy", WarmUpOutcome.Busy)]
    [InlineData(CacheResult.Bypass, CacheDetail.NotCached, false, "response-cache; fwd=bypass; detail=not-cached", WarmUpOutcome.NotCached)]
    [InlineData(CacheResult.Bypass, CacheDetail.Failure, false, "response-cache; fwd=bypass; detail=failure", WarmUpOutcome.Failed)]
    public void Is_a_cache_status_and_the_result_of_a_warm_up(
        CacheResult result, CacheDetail detail, bool isStored, string header, WarmUpOutcome warmUp)
    {
        var outcome = new CacheOutcome(result, detail) { IsStored = isStored };
        Encoding.ASCII.GetString(outcome.Header).Should().Be(header + "\0");
        WarmUpOutcomes.Of(outcome).Should().Be(warmUp);
    }

    [Fact]
    public void Of_an_error_a_warm_up_has_failed() =>
        WarmUpOutcomes.Of(new CacheOutcome(CacheResult.Miss, CacheDetail.OriginError)).Should().Be(WarmUpOutcome.Failed);
}
