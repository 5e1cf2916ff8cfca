using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Servers;

namespace OrthancCachePlugin.EndToEnd.Administration;

/// <summary>A job of many resources is stopped in the middle, and goes on where it was.</summary>
public sealed partial class WarmJobRestartTests : IDisposable
{
    private const int Patients = 300;

    /// <summary>Volatile routes are left out: of so many in a second not all can be stored.</summary>
    private static readonly string[] Routes = ["instances-tags", "instances-tags?short", "shared-tags", "shared-tags?short", "shared-tags?simplify"];

    /// <summary>A patient, its study and its series.</summary>
    private static readonly int ResponsesPerPatient = 3 * Routes.Length;

    private readonly AdminServer admin = new(
        upload: false, configure: s => s.Cache["WarmUpRoutes"] = new JsonArray([.. Routes.Select(r => JsonValue.Create(r))]));

    public WarmJobRestartTests()
    {
        for (var patient = 1; patient <= Patients; patient++)
        {
            admin.Server.Client.Post("/instances", new DicomBuilder(patient, 1, 1, 1).Build("x")).Status.Should().Be(200);
        }

        Until.True("the last one has settled", () => admin.Server.Client.Get($"/studies/{Study(Patients)}/shared-tags?ignore-length=0008-0008").IsHit);
    }

    public void Dispose() => admin.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_continues_after_a_restart_where_it_was(bool isAll)
    {
        var (job, flood) = StopInTheMiddle(isAll);
        int done;
        using (flood)
        {
            done = admin.Done(job);
            admin.Server.Stop();
        }

        admin.Server.StartProcess();

        admin.Done(job).Should().BeGreaterThanOrEqualTo(done, "its place was saved");
        admin.Job(job)["Progress"]!.GetValue<int>().Should().BeGreaterThanOrEqualTo(done * 100 / Patients);
        admin.WaitFor(job, "Success");
        var warmUp = admin.Status["WarmUp"]!;
        var since = Number(warmUp, "ResponsesStored") + Number(warmUp, "ResponsesCached") + Number(warmUp, "ResponsesNotCached");
        since.Should().BeLessThanOrEqualTo((Patients - done) * ResponsesPerPatient, "what was done before the restart was not asked for again");
        var content = admin.Job(job)["Content"]!;
        Number(content, "ResourcesDone").Should().Be(Patients);
        (Number(content, "ResponsesStored") + Number(content, "ResponsesCached")).Should().Be(Patients * ResponsesPerPatient, $"counts go on, too: {content}");
        admin.Server.AwaitDiskCache();
        for (var patient = 1; patient <= Patients; patient += 13)
        {
            admin.Cached("studies", Study(patient)).Should().BeGreaterThanOrEqualTo(Routes.Length);
        }
    }

    [Fact]
    public void It_continues_after_a_power_cut_where_Orthanc_has_saved_it()
    {
        var (job, flood) = StopInTheMiddle(isAll: true);
        int done;
        using (flood)
        {
            done = admin.Done(job);

            // Orthanc writes its jobs down every ten seconds.
            Until.True("Orthanc has saved the job", () => Saved() >= done);
            admin.Server.Kill();
        }

        admin.Server.StartProcess();

        admin.Done(job).Should().BeGreaterThanOrEqualTo(done);
        admin.WaitFor(job, "Success");
        Number(admin.Job(job)["Content"]!, "ResourcesDone").Should().Be(Patients);
        Number(admin.Status["WarmUp"]!, "ResponsesStored").Should().BeLessThanOrEqualTo((Patients - done) * ResponsesPerPatient);
    }

    /// <summary>Clients go first, so the job stands still while they ask; in between it is let go on for a while.</summary>
    private (string Job, Flood Flood) StopInTheMiddle(bool isAll)
    {
        var target = $"/studies/{Study(1)}/shared-tags";
        var resources = new JsonArray([.. Enumerable.Range(1, Patients).Select(i => JsonValue.Create(OrthancId.Patient(new DicomBuilder(i, 1, 1, 1))))]);
        var body = isAll ? """{"All":true}""" : new JsonObject { ["Resources"] = resources }.ToJsonString();
        string job;
        using (new Flood(admin.Server, target))
        {
            Until.True("the flood has come", () => admin.Status["Requests"]!["Hits"]!.GetValue<long>() > 200);
            job = admin.Submit(body);
            admin.WaitFor(job, "Running");
        }

        Until.True("some are done", () => admin.Done(job) >= 3);
        var flood = new Flood(admin.Server, target);
        var pauses = admin.WarmUpCount("Pauses");
        Until.True("it stands still", () => admin.WarmUpCount("Pauses") > pauses + 2);
        admin.Done(job).Should().BeLessThan(Patients, "there must be something left");
        return (job, flood);
    }

    /// <summary>The highest place that stands in the files of Orthanc's database.</summary>
    private int Saved()
    {
        var highest = -1;
        foreach (var file in Directory.GetFiles(Path.Combine(admin.Server.Home, "storage"), "index*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            foreach (Match match in DoneMember().Matches(reader.ReadToEnd()))
            {
                highest = Math.Max(highest, int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
            }
        }

        return highest;
    }

    private static string Study(int patient) => OrthancId.Study(new DicomBuilder(patient, 1, 1, 1));

    private static int Number(JsonNode node, string name) => node[name]!.GetValue<int>();

    [GeneratedRegex("""\bDone[\\"]*\s*:\s*(\d+)""")]
    private static partial Regex DoneMember();
}
