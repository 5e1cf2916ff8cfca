using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Servers;

namespace OrthancCachePlugin.EndToEnd.Administration;

/// <summary>What becomes stable is warm before anybody asks.</summary>
public sealed class WarmUpTests
{
    private static readonly string[] Routes =
    [
        "instances-tags", "instances-tags?short", "instances-tags?simplify", "shared-tags", "shared-tags?short", "shared-tags?simplify",
        "attachments", "attachments?full",
    ];

    [Fact]
    public void The_first_request_for_what_has_become_stable_is_a_hit()
    {
        using var admin = new AdminServer(warmUp: true);

        Until.True("a patient, two studies and two series are warm", () => admin.WarmUpCount("Resources") >= 5);

        foreach (var target in (string[])[$"/patients/{admin.Patient}", $"/studies/{admin.Study}", $"/studies/{admin.OtherStudy}", $"/series/{admin.Series}"])
        {
            foreach (var route in Routes)
            {
                admin.Server.Client.Get($"{target}/{route}").IsHit.Should().BeTrue($"{target}/{route} is warm, be it that the last is being written still");
            }
        }

        admin.WarmUpCount("ResponsesStored").Should().Be(5 * Routes.Length, "each route of each resource is computed once");
        admin.WarmUpCount("ResponsesCached").Should().Be(0);
        admin.Status["Requests"]!["Misses"]!.GetValue<long>().Should().Be(0, "warm-up is no request");
    }

    [Fact]
    public void What_changes_is_warmed_again_with_what_it_has_become()
    {
        using var admin = new AdminServer(warmUp: true);
        Until.True("all is warm", () => admin.WarmUpCount("Resources") >= 5);
        var before = admin.WarmUpCount("ResponsesStored");

        admin.Server.Client.Post("/instances", new DicomBuilder(1, 1, 1, 4).Build("new")).Status.Should().Be(200);
        Until.True("series, study and patient are warm again", () => admin.WarmUpCount("ResponsesStored") >= before + (3 * 6));

        var tags = admin.Server.Client.Get($"/studies/{admin.Study}/instances-tags");
        tags.IsHit.Should().BeTrue();
        tags.Text.Should().Contain(OrthancId.Instance(new DicomBuilder(1, 1, 1, 4)));
    }

    [Fact]
    public void What_is_deleted_before_its_turn_is_dropped()
    {
        using var admin = new AdminServer(warmUp: true);

        admin.Server.Client.Delete($"/patients/{admin.Patient}").Status.Should().Be(200);

        Until.True("nothing waits", () => admin.WarmUpCount("Queue") == 0 && admin.WarmUpCount("Running") == 0);
        admin.Server.AssertHealthy();
        admin.Server.Log.Should().NotContain("[600]");
    }

    [Fact]
    public void Orthanc_stops_at_once_while_much_is_waiting()
    {
        using var admin = new AdminServer(warmUp: true);
        for (var patient = 2; patient < 40; patient++)
        {
            admin.Server.Client.Post("/instances", new DicomBuilder(patient, 1, 1, 1).Build("x")).Status.Should().Be(200);
        }

        Until.True("warm-up has begun", () => admin.WarmUpCount("ResponsesStored") > 0);

        admin.Server.Restart();

        admin.Server.Log.Should().NotContain("[104]");
    }
}
