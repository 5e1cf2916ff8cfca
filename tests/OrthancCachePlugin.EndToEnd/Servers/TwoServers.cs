using System.Text.Json.Nodes;

namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>
/// Ours and a bare one that got the same files. Orthanc's identifiers are hashes of what is in the files, hence the same on both.
/// </summary>
public class TwoServers : IDisposable
{
    public TwoServers()
        : this(_ => { })
    {
    }

    protected TwoServers(Action<OrthancSettings> configure, bool upload = true)
    {
        Ours = OrthancServer.Start(s =>
        {
            s.Name = "ours";
            configure(s);
        });
        try
        {
            Bare = OrthancServer.Start(s =>
            {
                configure(s);
                s.Name = "bare";
                s.WithCache = false;
            });
            if (upload)
            {
                UploadAll();
            }
        }
        catch
        {
            Ours.Dispose();
            Bare?.Dispose();
            throw;
        }
    }

    public OrthancServer Ours { get; }

    public OrthancServer Bare { get; }

    /// <summary>Those that a mutation must be sent to, ours last, so that nothing lies between its response and the questions that follow.</summary>
    public virtual IReadOnlyList<OrthancServer> Writers => [Bare, Ours];

    /// <summary>Identifiers of all resources of a level: "patients", "studies", "series" or "instances".</summary>
    public IReadOnlyList<string> Ids(string level) =>
        [.. Bare.Client.GetJson("/" + level).AsArray().Select(n => n!.GetValue<string>()).Order(StringComparer.Ordinal)];

    /// <summary>Sends one file to both, and asserts that they say the same about it.</summary>
    /// <returns>The instance's identifier, or null where both refused.</returns>
    public string? Upload(byte[] file)
    {
        var ours = Ours.Client.Post("/instances", file);
        var bare = Bare.Client.Post("/instances", file);
        ours.Status.Should().Be(bare.Status);
        ours.Text.Should().Be(bare.Text);
        return ours.Status == 200 && JsonNode.Parse(ours.Body) is JsonObject one ? one["ID"]!.GetValue<string>() : null;
    }

    /// <summary>Sends all sample files to both.</summary>
    public void UploadAll()
    {
        foreach (var file in DicomFiles.All)
        {
            Upload(File.ReadAllBytes(file));
        }
    }

    /// <summary>
    /// Waits until everything that was done before is older than the whole second of <c>LastUpdate</c> can hide: until a response about
    /// the patient that was changed last gets a validator.
    /// </summary>
    public void Settle()
    {
        if (Repository.SelfTest)
        {
            return;
        }

        var last = Ours.Client.GetJson("/changes?since=0&limit=100000")["Changes"]!.AsArray()
            .Select(c => (Type: c!["ChangeType"]!.GetValue<string>(), Id: c["ID"]!.GetValue<string>()))
            .Last(c => c.Type == "NewInstance" && Ours.Client.Get($"/instances/{c.Id}").Status == 200).Id;
        var patient = Ours.Client.GetJson($"/instances/{last}/patient")["ID"]!.GetValue<string>();
        Until.True("a response about the last patient gets a validator", () => Ours.Client.Get($"/patients/{patient}/shared-tags") is { ETag: not null });
    }

    public virtual void Dispose()
    {
        GC.SuppressFinalize(this);
        try
        {
            Ours.Dispose();
        }
        finally
        {
            Bare.Dispose();
        }
    }
}
