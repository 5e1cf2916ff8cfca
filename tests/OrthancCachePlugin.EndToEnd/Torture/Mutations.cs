using System.Globalization;
using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>
/// Everything that changes a response, applied to both servers with the same outcome. The bare server comes first, so that nothing lies
/// between the response of ours and the questions that follow.
/// </summary>
internal sealed class Mutations
{
    private static readonly string[] Keep = ["StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"];
    private readonly TwoServers servers;
    private readonly Watcher watcher;
    private readonly Random random;
    private readonly DicomTools tools;
    private int comments;

    public Mutations(TwoServers servers, Watcher watcher, Random random)
    {
        this.servers = servers;
        this.watcher = watcher;
        this.random = random;
        tools = new DicomTools(servers.Ours.Home);
        All =
        [
            (8, "upload", f => Upload(Any(f.Files))),
            (4, "upload again", UploadAgain),
            (4, "C-STORE", f => Store(Any(f.Files))),
            (3, "C-STORE to itself", StoreToItself),
            (2, "C-MOVE to itself", MoveToItself),
            (8, "DELETE instance", f => Delete("instances", f)),
            (4, "DELETE series", f => Delete("series", f)),
            (2, "DELETE study", f => Delete("studies", f)),
            (1, "DELETE patient", f => Delete("patients", f)),
            (3, "bulk-delete", BulkDelete),
            (3, "modify study", f => Modify("studies", f, asynchronous: false)),
            (3, "modify series", f => Modify("series", f, asynchronous: false)),
            (2, "modify patient", f => Modify("patients", f, asynchronous: false)),
            (3, "modify study (job)", f => Modify("studies", f, asynchronous: true)),
            (2, "split", f => Split(f, keepSource: false)),
            (1, "split, keeping", f => Split(f, keepSource: true)),
            (2, "merge", f => Merge(f, keepSource: false)),
            (1, "merge, keeping", f => Merge(f, keepSource: true)),
            (3, "reconstruct", Reconstruct),
            (4, "PUT metadata", PutMetadata),
            (3, "DELETE metadata", DeleteMetadata),
            (4, "PUT attachment", PutAttachment),
            (3, "DELETE attachment", DeleteAttachment),
            (2, "compress attachment", Compress),
            (2, "Lua DELETE", LuaDelete),
        ];
    }

    /// <summary>Weight, name, and the operation on a family; it returns false where there was nothing to do it to.</summary>
    public IReadOnlyList<(int Weight, string Name, Func<Family, bool> Apply)> All { get; }

    public (string Name, Func<Family, bool> Apply) Draw()
    {
        var at = random.Next(All.Sum(m => m.Weight));
        foreach (var (weight, name, apply) in All)
        {
            at -= weight;
            if (at < 0)
            {
                return (name, apply);
            }
        }

        throw new InvalidOperationException("The weights do not add up.");
    }

    public bool Upload(DicomBuilder file) => Both("POST", "/instances", file.Build(NextComment()));

    private string NextComment() => "comment " + (++comments).ToString(CultureInfo.InvariantCulture);

    private T Any<T>(IReadOnlyList<T> from) => from[random.Next(from.Count)];

    /// <summary>A resource of the family that exists, or null.</summary>
    private string? Existing(string level, Family family)
    {
        var present = family.Resources.Where(r => r.Level == level && servers.Bare.Client.Get($"/{level}/{r.Id}").Status == 200).ToList();
        return present.Count == 0 ? null : Any(present).Id;
    }

    private bool Both(string method, string target, byte[]? body)
    {
        var responses = servers.Writers.Select(w => w.Client.Send(method, target, body)).ToList();
        if (responses[^1].Status != responses[0].Status)
        {
            watcher.Tally.Fail($"{method} {target} gave {responses[^1].Status} ({responses[^1].Text}) and {responses[0].Status} without us");
        }

        return true;
    }

    private bool Both(string method, string target, string? body = null) => Both(method, target, body is null ? null : System.Text.Encoding.UTF8.GetBytes(body));

    private bool UploadAgain(Family family)
    {
        if (Existing("instances", family) is not { } id)
        {
            return false;
        }

        return Both("POST", "/instances", servers.Bare.Client.Get($"/instances/{id}/file").Body);
    }

    private bool Store(DicomBuilder file)
    {
        var content = file.Build(NextComment());
        foreach (var writer in servers.Writers)
        {
            tools.Store(writer, content);
        }

        return true;
    }

    private bool StoreToItself(Family family) =>
        Existing("series", family) is { } id && Both("POST", "/modalities/self/store", id);

    private bool MoveToItself(Family family)
    {
        if (Existing("studies", family) is not { } id)
        {
            return false;
        }

        var uid = servers.Bare.Client.GetJson($"/studies/{id}")["MainDicomTags"]!["StudyInstanceUID"]!.GetValue<string>();
        foreach (var writer in servers.Writers)
        {
            tools.MoveToItself(writer, uid);
        }

        return true;
    }

    private bool Delete(string level, Family family) => Existing(level, family) is { } id && Both("DELETE", $"/{level}/{id}");

    private bool BulkDelete(Family family)
    {
        string?[] some = [Existing("instances", family), Existing("series", family), Existing("instances", family)];
        var ids = some.Where(i => i is not null).Distinct().Select(i => (JsonNode)JsonValue.Create(i!)).ToArray();
        return ids.Length > 0 && Both("POST", "/tools/bulk-delete", new JsonObject { ["Resources"] = new JsonArray(ids) }.ToJsonString());
    }

    private bool Modify(string level, Family family, bool asynchronous)
    {
        if (Existing(level, family) is not { } id)
        {
            return false;
        }

        var replace = new JsonObject { [level switch { "studies" => "StudyDescription", "series" => "SeriesDescription", _ => "PatientName" }] = NextComment() };
        if (level == "patients")
        {
            replace["PatientID"] = family.Files[0].PatientId;
        }

        var request = new JsonObject
        {
            ["Replace"] = replace,
            ["Keep"] = new JsonArray([.. Keep.Select(k => (JsonNode)JsonValue.Create(k))]),
            ["Force"] = true,
            ["Asynchronous"] = asynchronous,
        }.ToJsonString();
        foreach (var writer in servers.Writers)
        {
            RunJob(writer, $"/{level}/{id}/modify", request);
        }

        return true;
    }

    /// <summary>Posts, and where that made a job, waits until the server says that it is done.</summary>
    private static void RunJob(OrthancServer server, string target, string request)
    {
        var response = server.Client.Post(target, request);
        if (response.Status == 200 && JsonNode.Parse(response.Body)?["Path"]?.GetValue<string>() is { } path && path.StartsWith("/jobs/", StringComparison.Ordinal))
        {
            Until.True($"{target} is done", () => server.Client.GetJson(path)["State"]!.GetValue<string>() is "Success" or "Failure");
        }
    }

    private bool Split(Family family, bool keepSource)
    {
        if (Existing("series", family) is not { } id)
        {
            return false;
        }

        var study = servers.Bare.Client.GetJson($"/series/{id}")["ParentStudy"]!.GetValue<string>();
        Both("POST", $"/studies/{study}/split", new JsonObject { ["Series"] = new JsonArray(id), ["KeepSource"] = keepSource }.ToJsonString());
        return ByCoreAndAway("split", family, "studies");
    }

    private bool Merge(Family family, bool keepSource)
    {
        var studies = family.Resources.Where(r => r.Level == "studies" && servers.Bare.Client.Get($"/studies/{r.Id}").Status == 200).ToList();
        if (studies.Count < 2)
        {
            return false;
        }

        Both("POST", $"/studies/{studies[0].Id}/merge", new JsonObject { ["Resources"] = new JsonArray(studies[1].Id), ["KeepSource"] = keepSource }.ToJsonString());
        return ByCoreAndAway("merge", family, "series");
    }

    /// <summary>
    /// Split and merge draw identifiers, so no second server has the outcome. It is compared with what our server's own core says; then
    /// what was drawn is deleted on both, and the family is comparable again.
    /// </summary>
    private bool ByCoreAndAway(string operation, Family family, string level)
    {
        var known = family.Resources.Select(r => r.Id).ToHashSet(StringComparer.Ordinal);
        List<string> Drawn(OrthancServer server, string of) => server.Client.Get($"/patients/{family.PatientId}/{of}") is { Status: 200 } response
            ? [.. JsonNode.Parse(response.Body)!.AsArray().Select(n => n!["ID"]!.GetValue<string>()).Where(i => !known.Contains(i))]
            : [];

        var targets = family.Targets.Concat(new[] { "studies", "series", "instances" }.SelectMany(l => Drawn(servers.Ours, l).SelectMany(i => Target.Of(l, i))))
            .Where(t => t.IsText).ToArray();
        random.Shuffle(targets);
        watcher.CheckByCore(operation, [.. targets.Take(25)]);
        foreach (var server in servers.Writers)
        {
            foreach (var id in Drawn(server, level))
            {
                server.Client.Delete($"/{level}/{id}");
            }
        }

        return true;
    }

    private bool Reconstruct(Family family)
    {
        var level = Any((string[])["instances", "series", "studies", "patients"]);
        return Existing(level, family) is { } id && Both("POST", $"/{level}/{id}/reconstruct", "{}");
    }

    private (string Level, string Id)? AnyResource(Family family)
    {
        var level = Any((string[])["instances", "instances", "series", "studies", "patients"]);
        return Existing(level, family) is { } id ? (level, id) : null;
    }

    private bool PutMetadata(Family family) =>
        AnyResource(family) is var (level, id) && Both("PUT", $"/{level}/{id}/metadata/{Any((string[])["e2e-first", "1025"])}", NextComment());

    private bool DeleteMetadata(Family family) =>
        AnyResource(family) is var (level, id) && Both("DELETE", $"/{level}/{id}/metadata/{Any((string[])["e2e-first", "e2e-second"])}");

    private bool PutAttachment(Family family) =>
        AnyResource(family) is var (level, id) && Both("PUT", $"/{level}/{id}/attachments/{Any((string[])["e2e-note", "e2e-other"])}", NextComment());

    private bool DeleteAttachment(Family family) =>
        AnyResource(family) is var (level, id) && Both("DELETE", $"/{level}/{id}/attachments/{Any((string[])["e2e-note", "1025"])}");

    private bool Compress(Family family) =>
        Existing("instances", family) is { } id && Both("POST", $"/instances/{id}/attachments/dicom/{Any((string[])["compress", "uncompress"])}", "");

    private bool LuaDelete(Family family) =>
        Existing("instances", family) is { } id && Both("POST", "/tools/execute-script", $"RestApiDelete('/instances/{id}', true)");
}
