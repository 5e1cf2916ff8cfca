using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Comparison;

namespace OrthancCachePlugin.EndToEnd.Routes;

public sealed class ExcludedRouteTests
{
    [Fact]
    public void An_excluded_route_is_Orthancs_own_and_the_others_are_ours()
    {
        using var server = OrthancServer.Start(s => s.Cache["ExcludedRoutes"] = new JsonArray("instances/file", "studies/shared-tags", "instances/frames/{n}/*"));
        var id = JsonNode.Parse(server.Client.Post("/instances", DicomFiles.Read("CT_small.dcm")).Body)!["ID"]!.GetValue<string>();
        var study = server.Client.GetJson($"/instances/{id}/study")["ID"]!.GetValue<string>();
        var series = server.Client.GetJson($"/instances/{id}/series")["ID"]!.GetValue<string>();

        foreach (var target in (string[])[$"/instances/{id}/file", $"/studies/{study}/shared-tags", $"/instances/{id}/frames/0/raw"])
        {
            server.Client.Get(target).Status.Should().Be(200);
            server.Client.Get(target).CacheStatus.Should().BeEmpty(target);
        }

        foreach (var target in (string[])[$"/instances/{id}/tags", $"/series/{series}/shared-tags", $"/studies/{study}/instances-tags", $"/instances/{id}/frames", $"/instances/{id}/preview"])
        {
            server.Client.Get(target).CacheStatus.Should().StartWith("response-cache;", target);
        }
    }
}
