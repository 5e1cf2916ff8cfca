namespace OrthancCachePlugin.EndToEnd.Routes;

/// <summary>Every route, compared with a bare Orthanc that got the same files: the first request (a miss) and the second (a hit).</summary>
public sealed class RouteComparisonTests(RouteServers servers) : IClassFixture<RouteServers>
{
    public static TheoryData<string, string> ParentRoutes()
    {
        var data = new TheoryData<string, string>();
        foreach (var level in RouteTable.ParentLevels)
        {
            foreach (var route in RouteTable.ParentRoutes)
            {
                data.Add(level, route);
            }
        }

        return data;
    }

    public static TheoryData<string> InstanceJsonRoutes() => [.. RouteTable.InstanceJsonRoutes];

    public static TheoryData<string> InstanceBinaryRoutes() => [.. RouteTable.InstanceBinaryRoutes];

    public static TheoryData<string, string> AllRoutes()
    {
        var data = ParentRoutes();
        foreach (var route in RouteTable.InstanceJsonRoutes.Concat(RouteTable.InstanceBinaryRoutes))
        {
            data.Add("instances", route);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(ParentRoutes))]
    public void Every_resource_with_children_answers_as_the_bare_server(string level, string route) =>
        Compare(servers.Ids(level).Select(id => ($"/{level}/{id}/{route}", (string?)null)));

    [Theory]
    [MemberData(nameof(ParentRoutes))]
    public void Every_query_and_representation_of_a_resource_with_children_is_that_of_the_bare_server(string level, string route)
    {
        var isArchive = route is "archive" or "media";
        var queries = isArchive ? RouteTable.ArchiveQueries : RouteTable.JsonQueries;
        Compare(Variants(level, route, queries, isArchive ? [null, "application/xml"] : RouteTable.JsonAccepts));
    }

    [Theory]
    [MemberData(nameof(InstanceJsonRoutes))]
    public void Every_instance_answers_JSON_as_the_bare_server(string route) =>
        Compare(servers.Ids("instances").Select(id => ($"/instances/{id}/{route}", (string?)null)));

    [Theory]
    [MemberData(nameof(InstanceJsonRoutes))]
    public void Every_query_and_representation_of_an_instance_is_that_of_the_bare_server(string route) =>
        Compare(Variants("instances", route, RouteTable.JsonQueries, RouteTable.JsonAccepts));

    [Theory]
    [MemberData(nameof(InstanceBinaryRoutes))]
    public void Every_instance_answers_binaries_as_the_bare_server(string route) =>
        Compare(servers.Ids("instances").Select(id => ($"/instances/{id}/{route}", (string?)null)));

    [Theory]
    [MemberData(nameof(InstanceBinaryRoutes))]
    public void Every_query_and_image_format_of_an_instance_is_that_of_the_bare_server(string route) =>
        Compare(Variants("instances", route, RouteTable.BinaryQueries, RouteTable.ImageAccepts));

    [Theory]
    [MemberData(nameof(AllRoutes))]
    public void Unknown_and_malformed_identifiers_get_the_error_of_the_bare_server(string level, string route)
    {
        string[] ids =
        [
            "00000000-00000000-00000000-00000000-00000000", "nonsense", "%20", "..", "%2e%2e", "a%2fb", "%00", "%zz", "ü", "';%20drop%20table%20resources;%20--", new string('a', 3000),
            servers.Chosen[0].ToUpperInvariant(), servers.Chosen[0] + "%20", servers.Chosen[0] + "x",
            // Right, but of another level.
            servers.ChosenOf(level == "studies" ? "patients" : "studies")[0],
        ];
        Compare(ids.SelectMany(id => (string[])[$"/{level}/{id}/{route}", $"/{level}/{id}/{route}?simplify&expand"]).Select(t => (t, (string?)null)));
    }

    [Theory]
    [MemberData(nameof(AllRoutes))]
    public void Slashes_in_odd_places_are_taken_as_by_the_bare_server(string level, string route)
    {
        var id = servers.ChosenOf(level)[0];
        string[] targets =
        [
            $"/{level}/{id}/{route}/", $"//{level}/{id}/{route}", $"/{level}//{id}/{route}", $"/{level}/{id}//{route}", $"/{level}/{id}/{route}//", $"/{level}/{id}/./{route}",
            $"/{level}/{id}/{route}/nothing", $"/{level}/{id}/../{id}/{route}", $"/{level}/{id}/{route.ToUpperInvariant()}", $"/{level.ToUpperInvariant()}/{id}/{route}", $"/{level}/{id}/{route}%20",
        ];
        Compare(targets.Select(t => (t, (string?)null)));
    }

    private IEnumerable<(string Target, string? Accept)> Variants(string level, string route, string[] queries, string?[] accepts)
    {
        foreach (var id in servers.ChosenOf(level))
        {
            foreach (var query in queries)
            {
                yield return ($"/{level}/{id}/{route}{query}", null);
            }

            foreach (var accept in accepts)
            {
                yield return ($"/{level}/{id}/{route}", accept);
            }

            yield return ($"/{level}/{id}/{route}{queries[2]}", accepts[1]);
            yield return ($"/{level}/{id}/{route}{queries[2]}", accepts[2 % accepts.Length]);
        }
    }

    private void Compare(IEnumerable<(string Target, string? Accept)> requests)
    {
        var before = servers.Compared;
        var differences = requests.SelectMany(r => servers.Differences("GET", r.Target, r.Accept)).ToList();
        (servers.Compared - before).Should().BePositive();
        Comparison.Differences.AssertNone(differences, servers.Ours);
    }
}
