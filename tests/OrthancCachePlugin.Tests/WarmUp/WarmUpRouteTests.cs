using System.Text;
using FluentAssertions;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.WarmUp;
using Xunit;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>From the configuration's texts to requests.</summary>
public sealed class WarmUpRouteTests
{
    [Theory]
    [InlineData("shared-tags", 0)]
    [InlineData("shared-tags?short", 1)]
    [InlineData("instances-tags?simplify&ignore-length=0010-0010", 2)]
    public void A_route_names_the_path_and_the_arguments_of_a_request(string text, int arguments)
    {
        var route = new WarmUpRoute(text);

        var path = Encoding.ASCII.GetString(route.PathOf(Resources.Study(1)));

        path.Should().Be($"/studies/{Resources.Id(1)}/{route.Name}");
        RouteTable.TryMatch(Encoding.ASCII.GetBytes(path), out var match).Should().BeTrue();
        match.Route.Name.Should().Be(route.Name);
        route.ArgumentCount.Should().Be(arguments);
    }

    [Fact]
    public void A_value_belongs_to_its_argument()
    {
        var route = new WarmUpRoute("instances-tags?ignore-length=0010-0010");

        Encoding.ASCII.GetString(route.ArgumentName(0)).Should().Be("ignore-length");
        Encoding.ASCII.GetString(route.ArgumentValue(0)).Should().Be("0010-0010");
    }

    [Fact]
    public void Every_route_that_is_warmed_by_default_is_a_cached_route_of_its_level()
    {
        var routes = new WarmUpRoutes(new CacheOptions().WarmUpRoutes);

        foreach (var level in Enum.GetValues<ResourceLevel>())
        {
            routes.Of(level).Should().NotBeEmpty();
            foreach (var route in routes.Of(level))
            {
                RouteTable.TryMatch(route.PathOf(new Resource(level, Resources.Id(1))), out var match).Should().BeTrue(route.Text);
                match.Route.Body.Should().Be(BodyKind.Json);
                for (var i = 0; i < route.ArgumentCount; i++)
                {
                    match.Route.Knows(route.ArgumentName(i)).Should().BeTrue(route.Text);
                }
            }
        }
    }

    [Fact]
    public void What_the_tags_of_all_instances_are_to_a_series_its_tags_are_to_an_instance()
    {
        var routes = new WarmUpRoutes(["instances-tags?short", "shared-tags", "attachments"]);

        routes.Of(ResourceLevel.Series).Select(r => r.Text).Should().Equal("instances-tags?short", "shared-tags", "attachments");
        routes.Of(ResourceLevel.Instance).Select(r => r.Text).Should().Equal("tags?short", "attachments");
    }
}
