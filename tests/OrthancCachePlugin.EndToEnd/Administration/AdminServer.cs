using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Servers;

namespace OrthancCachePlugin.EndToEnd.Administration;

/// <summary>One server with two studies, for tests about who runs it.</summary>
internal sealed class AdminServer : IDisposable
{
    public const string Root = "/plugins/response-cache";

    public AdminServer(bool warmUp = false, bool upload = true, Action<OrthancSettings>? configure = null)
    {
        Server = OrthancServer.Start(s =>
        {
            s.Name = "admin";
            s.Cache["WarmUp"] = warmUp;
            configure?.Invoke(s);
        });
        Server.AwaitDiskCacheOpened();
        if (upload)
        {
            Upload();
        }
    }

    public OrthancServer Server { get; }

    public string Patient { get; } = OrthancId.Patient(new DicomBuilder(1, 1, 1, 1));

    public string Study { get; } = OrthancId.Study(new DicomBuilder(1, 1, 1, 1));

    public string OtherStudy { get; } = OrthancId.Study(new DicomBuilder(1, 2, 1, 1));

    public string Series { get; } = OrthancId.Series(new DicomBuilder(1, 1, 1, 1));

    public string Instance { get; } = OrthancId.Instance(new DicomBuilder(1, 1, 1, 1));

    public JsonNode Status => Server.Client.GetJson($"{Root}/status");

    public long WarmUpCount(string name) => Status["WarmUp"]![name]!.GetValue<long>();

    public void Upload()
    {
        foreach (var study in (int[])[1, 2])
        {
            foreach (var instance in (int[])[1, 2, 3])
            {
                Server.Client.Post("/instances", new DicomBuilder(1, study, 1, instance).Build($"{study}/{instance}")).Status.Should().Be(200);
            }
        }
    }

    /// <summary>Everything is so old that a response is stored.</summary>
    public void Settle()
    {
        foreach (var study in (string[])[Study, OtherStudy])
        {
            Until.True("the study has settled", () => Server.Client.Get($"/studies/{study}/instances-tags?ignore-length=0008-0008") is { IsHit: true });
        }
    }

    public string Submit(string body)
    {
        var response = Server.Client.Post($"{Root}/warm", body);
        response.Status.Should().Be(200, response.Text);
        var job = JsonNode.Parse(response.Body)!;
        job["Path"]!.GetValue<string>().Should().Be($"/jobs/{job["ID"]!.GetValue<string>()}");
        return job["ID"]!.GetValue<string>();
    }

    public JsonNode Job(string id) => Server.Client.GetJson($"/jobs/{id}");

    public string State(string id) => Job(id)["State"]!.GetValue<string>();

    /// <summary>Resources that a job is done with.</summary>
    public int Done(string id) => Job(id)["Content"]!["ResourcesDone"]!.GetValue<int>();

    public void Control(string id, string verb) => Server.Client.Post($"/jobs/{id}/{verb}", "{}").Status.Should().Be(200);

    public void WaitFor(string id, string state) => Until.True($"the job is {state}", () => State(id) == state);

    public long Cached(string level, string id) => Server.Client.GetJson($"{Root}/entries/{level}/{id}")["Entries"]!.AsArray().Count;

    public void Dispose() => Server.Dispose();
}
