using System.Text;
using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Servers;

namespace OrthancCachePlugin.EndToEnd.Administration;

/// <summary>Figures, entries, metrics, and what is refused.</summary>
public sealed class AdminRouteTests
{
    private const string Nobody = "00000000-00000000-00000000-00000000-00000000";

    [Fact]
    public void The_status_counts_what_happens()
    {
        using var admin = new AdminServer();
        admin.Settle();
        var target = $"/studies/{admin.Study}/instances-tags";
        var etag = Until.Some("it is a hit", () => admin.Server.Client.Get(target) is { IsHit: true } hit ? hit.ETag : null);
        admin.Server.Client.Get(target, ("If-None-Match", etag)).Status.Should().Be(304);
        admin.Server.Client.Get($"/instances/{admin.Instance}/file").Status.Should().Be(200);

        var status = admin.Status;

        status["Version"]!.GetValue<string>().Should().NotBeEmpty();
        status["Disk"]!["State"]!.GetValue<string>().Should().Be("Working");
        status["Disk"]!["Entries"]!.GetValue<long>().Should().BeGreaterThan(0);
        status["Disk"]!["Bytes"]!.GetValue<long>().Should().BeGreaterThan(0).And.BeLessThanOrEqualTo(status["Disk"]!["MaximumBytes"]!.GetValue<long>());
        status["Disk"]!["CompressionRatio"]!.GetValue<double>().Should().BeGreaterThan(1);
        status["HitRatio"]!["SinceStart"]!.GetValue<double>().Should().BeInRange(0, 1);
        status["TimeSavedSeconds"]!.GetValue<double>().Should().BeGreaterThan(0);
        var route = Route(status, "instances-tags", ofInstances: false);
        route["Hits"]!.GetValue<long>().Should().BeGreaterThan(0);
        route["NotModified"]!.GetValue<long>().Should().Be(1);
        route["Misses"]!.GetValue<long>().Should().BeGreaterThan(0);
        Route(status, "file", ofInstances: true)["Bypasses"]!.GetValue<long>().Should().Be(1);
    }

    [Fact]
    public void The_log_has_one_summary_that_says_what_was_there_and_what_is_done()
    {
        using var admin = new AdminServer();
        admin.Settle();
        admin.Server.Restart();
        Until.True("it has said so", () => admin.Server.Log.Split("[100]").Length == 3);

        var lines = admin.Server.Log.Split('\n').Where(l => l.Contains("Response cache [", StringComparison.Ordinal)).ToArray();

        lines.Should().HaveCount(2, "one for each start");
        lines[0].Should().Contain("[100]").And.Contain("at most 1024 MiB, for 7 days; ").And.Contain("warm-up is off").And.Contain("\"public, no-cache\"");
        lines[1].Should().MatchRegex("; [1-9] were there; ");
    }

    [Fact]
    public void The_metrics_say_the_same()
    {
        using var admin = new AdminServer();
        admin.Settle();

        var metrics = admin.Server.Client.Get("/tools/metrics-prometheus").Text;

        var status = admin.Status;
        Metric(metrics, "hits_count").Should().Be(status["Requests"]!["Hits"]!.GetValue<long>());
        Metric(metrics, "misses_count").Should().Be(status["Requests"]!["Misses"]!.GetValue<long>());
        Metric(metrics, "store_working_count").Should().Be(1);
        Metric(metrics, "disk_maximum_mb").Should().Be(1024);
        Metric(metrics, "hit_latency_p99_ms").Should().BeGreaterThan(0);
    }

    [Fact]
    public void The_entries_of_a_resource_are_shown_and_their_validators_are_those_that_clients_get()
    {
        using var admin = new AdminServer();
        admin.Settle();
        var target = $"/studies/{admin.Study}/shared-tags?simplify";
        var hit = Until.Some("it is a hit", () => admin.Server.Client.Get(target) is { IsHit: true } response ? response : null);

        var list = admin.Server.Client.GetJson($"{AdminServer.Root}/entries/studies/{admin.Study}");

        var entry = Until.Some("it is on disk", () => admin.Server.Client.GetJson($"{AdminServer.Root}/entries/studies/{admin.Study}")["Entries"]!
            .AsArray().FirstOrDefault(e => e!["Route"]!.GetValue<string>() == "shared-tags?simplify"));
        list["Level"]!.GetValue<string>().Should().Be("studies");
        entry["ETag"]!.GetValue<string>().Should().Be(hit.ETag);
        entry["Bytes"]!.GetValue<int>().Should().Be(hit.Body.Length);
        entry["Current"]!.GetValue<bool>().Should().BeTrue();
        entry["ContentType"]!.GetValue<string>().Should().Be(hit["Content-Type"]);
    }

    [Fact]
    public void Removing_one_resource_leaves_the_others_and_removing_all_leaves_none()
    {
        using var admin = new AdminServer();
        admin.Settle();
        admin.Server.Client.Post($"{AdminServer.Root}/warm", """{"All":true,"Synchronous":true}""").Status.Should().Be(200);
        foreach (var study in (string[])[admin.Study, admin.OtherStudy])
        {
            Until.True("all is on disk", () => admin.Cached("studies", study) >= 8);
        }

        var one = JsonNode.Parse(admin.Server.Client.Delete($"{AdminServer.Root}/entries/studies/{admin.Study}").Body)!;
        one["Removed"]!.GetValue<int>().Should().BeGreaterThanOrEqualTo(8);
        admin.Cached("studies", admin.Study).Should().Be(0);
        admin.Cached("studies", admin.OtherStudy).Should().BeGreaterThanOrEqualTo(8);

        // What is computed just now may be on its way to the disk still.
        admin.Server.Client.Get($"/studies/{admin.Study}/instances-tags").IsHit.Should().BeFalse();
        admin.Server.Client.Delete($"{AdminServer.Root}/entries").Status.Should().Be(200);
        admin.Cached("studies", admin.OtherStudy).Should().Be(0);
        admin.Status["Disk"]!["Entries"]!.GetValue<long>().Should().Be(0);
    }

    [Fact]
    public void Regression_a_purge_removes_what_memory_holds_too()
    {
        using var admin = new AdminServer();
        admin.Settle();
        var target = $"/studies/{admin.Study}/shared-tags";
        Until.True("it is a hit", () => admin.Server.Client.Get(target).IsHit);
        for (var i = 0; i < 10; i++)
        {
            admin.Server.Client.Get(target).IsHit.Should().BeTrue("what is asked for again and again is stored in memory");
        }

        admin.Server.Client.Delete($"{AdminServer.Root}/entries/studies/{admin.Study}").Status.Should().Be(200);

        admin.Server.Client.Get(target).IsHit.Should().BeFalse();
    }

    [Fact]
    public void What_is_cached_of_a_deleted_resource_can_be_removed()
    {
        using var admin = new AdminServer();
        admin.Settle();
        admin.Server.Client.Post($"{AdminServer.Root}/warm", $$"""{"Resources":["{{admin.Study}}"],"Synchronous":true}""").Status.Should().Be(200);
        Until.True("it is on disk", () => admin.Cached("studies", admin.Study) >= 8);
        admin.Server.Client.Delete($"/studies/{admin.Study}").Status.Should().Be(200);

        admin.Server.Client.Delete($"{AdminServer.Root}/entries/studies/{admin.Study}").Status.Should().Be(200);

        admin.Server.Client.Get($"{AdminServer.Root}/entries/studies/{admin.Study}").Status.Should().Be(404);
    }

    [Fact]
    public void Removing_a_study_removes_what_is_cached_of_its_series_and_instances()
    {
        using var admin = new AdminServer();
        admin.Settle();
        (string Level, string Id)[] below = [("studies", admin.Study), ("series", admin.Series), ("instances", admin.Instance)];
        admin.Server.Client.Post(
            $"{AdminServer.Root}/warm", $$"""{"Resources":["{{admin.Patient}}","{{admin.Instance}}"],"Synchronous":true}""").Status.Should().Be(200);
        foreach (var (level, id) in below)
        {
            Until.True($"{level} are on disk", () => admin.Cached(level, id) >= 3);
        }

        var removed = JsonNode.Parse(admin.Server.Client.Delete($"{AdminServer.Root}/entries/studies/{admin.Study}").Body)!;

        removed["Resources"]!.GetValue<int>().Should().Be(5, "a study, a series, three instances");
        removed["Removed"]!.GetValue<int>().Should().BeGreaterThanOrEqualTo(8 + 8 + 3);
        foreach (var (level, id) in below)
        {
            admin.Cached(level, id).Should().Be(0, level);
        }

        admin.Server.Client.Get($"/instances/{admin.Instance}/tags").IsHit.Should().BeFalse();
        admin.Cached("studies", admin.OtherStudy).Should().BeGreaterThanOrEqualTo(8);
        admin.Cached("patients", admin.Patient).Should().BeGreaterThanOrEqualTo(8);
    }

    [Fact]
    public void Removing_a_deleted_study_removes_what_was_cached_below_it()
    {
        using var admin = new AdminServer();
        admin.Settle();
        admin.Server.Client.Post(
            $"{AdminServer.Root}/warm", $$"""{"Resources":["{{admin.Study}}","{{admin.Instance}}"],"Synchronous":true}""").Status.Should().Be(200);
        Until.True("it is on disk", () => admin.Cached("instances", admin.Instance) >= 3 && admin.Cached("series", admin.Series) >= 8);
        admin.Server.Client.Delete($"/studies/{admin.Study}").Status.Should().Be(200);

        admin.Server.Client.Delete($"{AdminServer.Root}/entries/studies/{admin.Study}").Status.Should().Be(200);

        foreach (var (level, id) in ((string, string)[])[("studies", admin.Study), ("series", admin.Series), ("instances", admin.Instance)])
        {
            admin.Server.Client.Get($"{AdminServer.Root}/entries/{level}/{id}").Status.Should().Be(404, level);
        }
    }

    [Fact]
    public void Without_a_store_nobody_is_told_that_something_was_removed_or_that_nothing_is_cached()
    {
        using var admin = new AdminServer(configure: s => s.CacheDirectory = "/dev/null/response-cache");
        admin.Server.AwaitDiskCache(DiskCache.Disabled);
        foreach (var (method, path) in ((string, string)[])[("GET", $"/entries/studies/{admin.Study}"), ("DELETE", $"/entries/studies/{admin.Study}"), ("DELETE", "/entries")])
        {
            var response = admin.Server.Client.Send(method, AdminServer.Root + path, null);

            response.Status.Should().Be(503, $"{method} {path}");
            response["Retry-After"].Should().Be("5");
            JsonNode.Parse(response.Body)!["Message"]!.GetValue<string>().Should().Contain("does not work");
        }
    }

    [Fact]
    public void Wrong_requests_are_told_what_is_wrong()
    {
        using var admin = new AdminServer();
        (string Method, string Path, string? Body, int Status, string Message)[] cases =
        [
            ("GET", "/entries/things/" + admin.Study, null, 400, "the level must be"),
            ("GET", "/entries/studies/Doe", null, 400, "five groups of eight"),
            ("GET", "/entries/studies", null, 400, "entries/{level}/{identifier}"),
            ("GET", "/entries/studies/" + Nobody, null, 404, "no such resource"),
            ("GET", "/entries/series/" + admin.Study, null, 404, "among the series"),
            ("DELETE", "/entries/studies/" + Nobody, null, 404, "no such resource"),
            ("POST", "/warm", "", 400, "JSON object"),
            ("POST", "/warm", "[]", 400, "JSON object"),
            ("POST", "/warm", "{}", 400, "\"Resources\" or \"All\""),
            ("POST", "/warm", """{"All":true,"Resources":[]}""", 400, "either"),
            ("POST", "/warm", """{"Resources":[]}""", 400, "list of 1 to"),
            ("POST", "/warm", """{"Resources":["Doe"]}""", 400, "number 1"),
            ("POST", "/warm", $$"""{"Resources":["{{admin.Study}}","{{Nobody}}"]}""", 404, "number 2"),
            ("POST", "/warm", """{"All":true,"Priority":"high"}""", 400, "Priority"),
            ("POST", "/warm", """{"All":true,"Synchronous":1}""", 400, "true or false"),
            ("POST", "/warm", """{"All":true,"Syncronous":true}""", 400, "takes"),
            ("GET", "/nothing", null, 404, "has status"),
            ("GET", "/app/nothing", null, 404, "no such file"),
        ];
        foreach (var (method, path, body, status, message) in cases)
        {
            var response = admin.Server.Client.Send(method, AdminServer.Root + path, body is null ? null : Encoding.UTF8.GetBytes(body));

            response.Status.Should().Be(status, $"{method} {path} {body}");
            JsonNode.Parse(response.Body)!["Message"]!.GetValue<string>().Should().Contain(message);
            response["Content-Type"].Should().StartWith(admin.Server.IsAtLeast(1, 12, 2) ? "text/plain" : "application/json", "Orthanc names it itself since 1.12.2");
            response.Text.Should().NotContain("Doe");
        }
    }

    [Theory]
    [InlineData("POST", "/status", "GET")]
    [InlineData("DELETE", "/status", "GET")]
    [InlineData("POST", "/history", "GET")]
    [InlineData("GET", "/warm", "POST")]
    [InlineData("PUT", "/warm", "POST")]
    [InlineData("GET", "/entries", "DELETE")]
    [InlineData("POST", "/entries/studies/00000000-00000000-00000000-00000000-00000000", "GET, DELETE")]
    [InlineData("DELETE", "/app/", "GET")]
    public void Other_methods_are_refused_with_those_that_would_do(string method, string path, string allowed)
    {
        using var admin = new AdminServer(upload: false);

        var response = admin.Server.Client.Send(method, AdminServer.Root + path, method is "GET" or "DELETE" ? null : "{}"u8.ToArray());

        response.Status.Should().Be(405);
        response["Allow"].Should().Be(allowed);
    }

    [Fact]
    public void A_page_of_another_site_changes_nothing()
    {
        using var admin = new AdminServer(upload: false);
        (string Name, string Value)[][] refused =
        [
            [("Origin", "http://evil.example"), ("Content-Type", "text/plain")],
            [("Origin", "null"), ("Content-Type", "application/x-www-form-urlencoded")],
            [("Sec-Fetch-Site", "cross-site"), ("X-Requested-With", "x")],
            [("Sec-Fetch-Site", "same-site")],
        ];
        foreach (var headers in refused)
        {
            admin.Server.Client.Send("POST", $"{AdminServer.Root}/warm", """{"All":true}"""u8.ToArray(), headers).Status.Should().Be(403);
            admin.Server.Client.Send("DELETE", $"{AdminServer.Root}/entries", null, headers).Status.Should().Be(403);
        }

        admin.Server.Client.GetJson("/jobs").AsArray().Should().BeEmpty();
        admin.Server.Client.Send("DELETE", $"{AdminServer.Root}/entries", null, ("Sec-Fetch-Site", "same-origin")).Status.Should().Be(200);
        admin.Server.Client.Send("DELETE", $"{AdminServer.Root}/entries", null).Status.Should().Be(200);
    }

    private static JsonNode Route(JsonNode status, string name, bool ofInstances) =>
        status["Routes"]!.AsArray().First(r => r!["Route"]!.GetValue<string>() == name && r["OfInstances"]!.GetValue<bool>() == ofInstances)!;

    private static double Metric(string metrics, string name) => double.Parse(
        metrics.Split('\n').Single(l => l.StartsWith($"orthanc_response_cache_{name} ", StringComparison.Ordinal)).Split(' ')[1],
        System.Globalization.CultureInfo.InvariantCulture);
}
