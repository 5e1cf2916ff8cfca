using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Servers;

namespace OrthancCachePlugin.EndToEnd.Administration;

/// <summary>Warm-up on demand as a job of Orthanc's own engine.</summary>
public sealed class WarmJobTests
{
    private const string Type = "ResponseCacheWarmUp";

    [Fact]
    public void Resources_of_any_level_are_warmed()
    {
        using var admin = new AdminServer();
        admin.Settle();

        var job = admin.Submit($$"""{"Resources":["{{admin.Patient}}","{{admin.Instance}}"],"Priority":7}""");
        admin.WaitFor(job, "Success");

        var shown = admin.Job(job);
        shown["Type"]!.GetValue<string>().Should().Be(Type);
        shown["Priority"]!.GetValue<int>().Should().Be(7);
        shown["Progress"]!.GetValue<int>().Should().Be(100);
        shown["Content"]!["ResourcesDone"]!.GetValue<int>().Should().Be(2);
        foreach (var target in (string[])[
            $"/patients/{admin.Patient}/shared-tags", $"/studies/{admin.Study}/instances-tags?short", $"/studies/{admin.OtherStudy}/shared-tags",
            $"/instances/{admin.Instance}/tags?simplify"])
        {
            admin.Server.Client.Get(target).IsHit.Should().BeTrue(target);
        }

        // Any event that comes late makes these ask again.
        Until.True("attachments are stored", () => admin.Server.Client.Get($"/series/{admin.Series}/attachments").IsHit);
    }

    [Fact]
    public void The_whole_archive_is_warmed_and_the_response_waits_where_it_is_asked_to()
    {
        using var admin = new AdminServer();
        admin.Settle();

        var response = admin.Server.Client.Post($"{AdminServer.Root}/warm", """{"All":true,"Synchronous":true}""");

        response.Status.Should().Be(200, response.Text);
        var content = JsonNode.Parse(response.Body)!;
        content["ResourcesDone"]!.GetValue<int>().Should().Be(2);
        content["ResponsesStored"]!.GetValue<int>().Should().Be(5 * 8, "two studies with a series each, and their one patient");
        admin.Server.Client.Get($"/patients/{admin.Patient}/instances-tags").IsHit.Should().BeTrue();
    }

    [Fact]
    public void What_is_young_is_waited_for_where_somebody_names_it()
    {
        using var admin = new AdminServer();

        var response = admin.Server.Client.Post($"{AdminServer.Root}/warm", $$"""{"Resources":"{{admin.Study}}","Asynchronous":false}""");

        response.Status.Should().Be(200, response.Text);
        admin.Server.Client.Get($"/studies/{admin.Study}/shared-tags").IsHit.Should().BeTrue();
    }

    [Fact]
    public void A_job_can_be_paused_resumed_canceled_and_submitted_again()
    {
        using var admin = new AdminServer();
        admin.Settle();
        string job;
        using (new Flood(admin.Server, $"/studies/{admin.Study}/shared-tags"))
        {
            Until.True("the flood has come", () => admin.Status["Requests"]!["Hits"]!.GetValue<long>() > 200);
            job = admin.Submit("""{"All":true}""");
            admin.WaitFor(job, "Running");
            admin.Control(job, "pause");
            admin.WaitFor(job, "Paused");
            admin.Control(job, "resume");
            admin.WaitFor(job, "Running");
            admin.Control(job, "cancel");
            admin.WaitFor(job, "Failure");
            admin.Cached("studies", admin.OtherStudy).Should().BeLessThan(8, "clients went first");
        }

        admin.Control(job, "resubmit");
        admin.WaitFor(job, "Success");
        admin.Server.Client.Get($"/studies/{admin.OtherStudy}/instances-tags").IsHit.Should().BeTrue();
    }

    [Fact]
    public void Who_waits_for_a_job_hears_that_it_was_canceled()
    {
        using var admin = new AdminServer();
        admin.Settle();
        HttpResponse? response = null;
        using (new Flood(admin.Server, $"/studies/{admin.Study}/shared-tags"))
        {
            Until.True("the flood has come", () => admin.Status["Requests"]!["Hits"]!.GetValue<long>() > 200);
            var client = new Thread(() => response = admin.Server.Client.Post($"{AdminServer.Root}/warm", """{"All":true,"Synchronous":true}"""));
            client.Start();
            var job = Until.Some("the job is there", () => admin.Server.Client.GetJson("/jobs").AsArray().Select(j => j!.GetValue<string>()).FirstOrDefault());
            admin.Control(job, "cancel");
            client.Join();
        }

        response!.Status.Should().Be(500);
        response.Text.Should().Contain("canceled");
    }

    [Theory]
    [InlineData("""{"All":true}""")]
    [InlineData("resources")]
    public void A_job_that_runs_when_Orthanc_stops_runs_after_a_restart(string body)
    {
        using var admin = new AdminServer();
        admin.Settle();
        if (body == "resources")
        {
            body = $$"""{"Resources":["{{admin.Study}}","{{admin.OtherStudy}}"]}""";
        }

        string job;
        using (new Flood(admin.Server, $"/studies/{admin.Study}/shared-tags"))
        {
            Until.True("the flood has come", () => admin.Status["Requests"]!["Hits"]!.GetValue<long>() > 200);
            job = admin.Submit(body);
            admin.WaitFor(job, "Running");
            admin.Server.Stop();
        }

        admin.Server.StartProcess();

        admin.WaitFor(job, "Success");
        admin.Job(job)["Type"]!.GetValue<string>().Should().Be(Type);

        admin.Server.AwaitDiskCache();

        // Nobody asked for these: they are cached because of the job, be it that it had time to end while Orthanc was stopping.
        admin.Cached("studies", admin.OtherStudy).Should().BeGreaterThanOrEqualTo(8);
    }

    [Fact]
    public void A_job_of_ours_does_not_make_other_requests_revalidate()
    {
        using var admin = new AdminServer();
        admin.Settle();
        var target = $"/studies/{admin.Study}/shared-tags";
        Until.True("it is a hit", () => admin.Server.Client.Get(target).IsHit);

        admin.WaitFor(admin.Submit("""{"All":true}"""), "Success");
        var before = admin.Status["Requests"]!["Revalidations"]!.GetValue<long>();
        for (var i = 0; i < 20; i++)
        {
            admin.Server.Client.Get(target).IsHit.Should().BeTrue();
        }

        (admin.Status["Requests"]!["Revalidations"]!.GetValue<long>() - before).Should().BeLessThanOrEqualTo(1);
    }

    [Fact]
    public void To_control_a_job_of_ours_does_not_make_other_requests_revalidate()
    {
        using var admin = new AdminServer();
        admin.Settle();
        var target = $"/studies/{admin.Study}/shared-tags";
        using (new Flood(admin.Server, target))
        {
            Until.True("the flood has come", () => admin.Status["Requests"]!["Hits"]!.GetValue<long>() > 200);
            var job = admin.Submit("""{"All":true}""");
            admin.WaitFor(job, "Running");
            var before = admin.Status["Requests"]!["Revalidations"]!.GetValue<long>();

            admin.Control(job, "pause");
            admin.WaitFor(job, "Paused");
            admin.Control(job, "resume");
            admin.WaitFor(job, "Running");
            admin.Control(job, "cancel");
            admin.WaitFor(job, "Failure");
            admin.Control(job, "resubmit");
            admin.WaitFor(job, "Running");
            var hits = admin.Status["Requests"]!["Hits"]!.GetValue<long>();
            Until.True("there were some more hits", () => admin.Status["Requests"]!["Hits"]!.GetValue<long>() > hits + 200);

            (admin.Status["Requests"]!["Revalidations"]!.GetValue<long>() - before).Should().BeLessThanOrEqualTo(2);
        }
    }

    [Fact]
    public void Regression_a_job_that_is_canceled_before_it_runs_does_not_unsettle_for_ever()
    {
        using var admin = new AdminServer(configure: s => s.Configuration["ConcurrentJobs"] = 1);
        admin.Settle();
        var target = $"/studies/{admin.Study}/shared-tags";
        using (new Flood(admin.Server, target))
        {
            Until.True("the flood has come", () => admin.Status["Requests"]!["Hits"]!.GetValue<long>() > 200);
            admin.WaitFor(admin.Submit("""{"All":true}"""), "Running");
            var response = admin.Server.Client.Post($"/studies/{admin.Study}/archive", """{"Asynchronous":true}""");
            var waiting = JsonNode.Parse(response.Body)!["ID"]!.GetValue<string>();
            admin.State(waiting).Should().Be("Pending");
            admin.Control(waiting, "pause");
            admin.State(waiting).Should().Be("Paused");

            admin.Control(waiting, "cancel");

            admin.State(waiting).Should().Be("Failure");
            Until.True("hits cost no question again", () =>
            {
                var before = admin.Status;
                var hits = before["Requests"]!["Hits"]!.GetValue<long>();
                Until.True("there were some more hits", () => admin.Status["Requests"]!["Hits"]!.GetValue<long>() > hits + 50);
                return admin.Status["Requests"]!["Revalidations"]!.GetValue<long>() == before["Requests"]!["Revalidations"]!.GetValue<long>();
            });
        }
    }
}
