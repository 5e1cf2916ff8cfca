using FluentAssertions;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Tests.Model;
using OrthancCachePlugin.Tests.Serving;
using Xunit;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>What is worth another try, and what is not.</summary>
public sealed class WarmerTests
{
    private static readonly Resource Series = Tree.Series[0];
    private static readonly WarmUpRoute Tags = new("shared-tags");
    private readonly CacheFixture _cache = new();
    private readonly Warmer _warmer;

    public WarmerTests() => _warmer = new Warmer(_cache.Cache, _cache.Origin, new OrthancApi(_cache.Origin));

    [Fact]
    public void What_is_known_to_be_complete_is_stored_once()
    {
        _warmer.Warm(Series, Tags).Should().Be(WarmUpOutcome.Stored);
        _warmer.Warm(Series, Tags).Should().Be(WarmUpOutcome.Cached);
    }

    [Fact]
    public void A_file_that_is_away_is_worth_another_try_and_no_sign_of_a_deletion()
    {
        _cache.IsComplete = false;
        _warmer.Warm(Series, Tags).Should().Be(WarmUpOutcome.Failed);
        _cache.IsComplete = true;
        _warmer.Warm(Series, Tags).Should().Be(WarmUpOutcome.Stored);
    }

    [Fact]
    public void What_Orthanc_does_not_know_any_more_is_given_up()
    {
        for (var i = 0; i < Tree.InstanceCount; i++)
        {
            _cache.Delete(i);
        }

        _cache.Time.Advance(TimeSpan.FromMinutes(1));
        _warmer.Warm(Series, Tags).Should().Be(WarmUpOutcome.Deleted);
    }
}
