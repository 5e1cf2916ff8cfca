using System.Globalization;
using FluentAssertions;
using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Tests.Fakes;
using Xunit;

namespace OrthancCachePlugin.Tests.Freshness;

/// <summary>Which version a response belongs to that was computed for a while.</summary>
public sealed class ResourceVersionsTests
{
    private static readonly Resource Series = new(ResourceLevel.Series, new ResourceId(1, 2, 3));
    private readonly FakeOrigin _origin = new();
    private readonly FakeTimeProvider _time = FakeClock.Create();
    private readonly ChangeTracker _tracker = new();
    private readonly ResourceVersions _versions;

    public ResourceVersionsTests()
    {
        _versions = new ResourceVersions(new OrthancApi(_origin), _tracker, new MutationLog(), _time, new VersionSettings { LastUpdateMovesOnDelete = true });
        Change();
    }

    [Fact]
    public void A_response_that_took_long_belongs_to_no_version_if_a_change_came_meanwhile_and_has_settled_since()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        var before = Get();
        before.IsSettled.Should().BeTrue();

        Change();
        _time.Advance(TimeSpan.FromMinutes(1));

        Confirm(before).IsKnown.Should().BeFalse();
        Confirm(Get()).IsKnown.Should().BeTrue();
    }

    [Fact]
    public void A_response_that_was_asked_for_in_the_second_of_a_change_belongs_to_no_version_though_that_has_settled_since()
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        Change();
        var before = Get();
        before.IsSettled.Should().BeFalse();

        _time.Advance(TimeSpan.FromMinutes(1));

        Get().Digest.Should().Be(before.Digest);
        Confirm(before).IsKnown.Should().BeFalse();
    }

    private ResourceVersion Get() => _versions.Get(Series, RouteKind.Derived, BodyKind.Json);

    private ResourceVersion Confirm(in ResourceVersion before) =>
        _versions.Confirm(Series, RouteKind.Derived, BodyKind.Json, before, _versions.Position);

    private void Change()
    {
        var now = _time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        _origin[$"/series/{Series.Id}/metadata/LastUpdate"] = now;
        _origin[$"/series/{Series.Id}/statistics"] = """{ "CountInstances" : 1 }""";
        _tracker.Changed(MutationScope.Content, _time.GetTimestampTicks());
    }
}
