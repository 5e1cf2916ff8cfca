using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Torture;

namespace OrthancCachePlugin.EndToEnd.Freshness;

/// <summary>
/// One operation at a time, on responses that were stored and validators that were handed out before: when the client has the response
/// to its mutation, its next request shows it.
/// </summary>
public sealed class ReadYourWritesTests(TortureServers servers) : IClassFixture<TortureServers>
{
    private static int families = 1000;

    public static TheoryData<string> Operations() =>
    [
        "upload", "upload again", "overwrite", "C-STORE", "C-STORE to itself", "C-MOVE to itself", "DELETE instance", "DELETE series", "DELETE study", "DELETE patient", "bulk-delete",
        "modify study", "modify series", "modify patient", "modify study (job)", "split", "split, keeping", "merge", "merge, keeping", "reconstruct",
        "PUT metadata", "DELETE metadata", "PUT attachment", "DELETE attachment", "compress attachment", "Lua DELETE",
    ];

    [Theory]
    [MemberData(nameof(Operations))]
    public void The_next_response_shows_the_mutation(string operation)
    {
        var random = new Random(operation.Length);
        var watcher = new Watcher(servers, random);
        var mutations = new Mutations(servers, watcher, random);
        var family = new Family(Interlocked.Increment(ref families));
        foreach (var file in family.Files)
        {
            mutations.Upload(file);
        }

        // What can be removed must be there.
        var (_, _, put) = mutations.All.Single(m => m.Name == "PUT attachment");
        var (_, _, annotate) = mutations.All.Single(m => m.Name == "PUT metadata");
        for (var i = 0; i < 10; i++)
        {
            put(family);
            annotate(family);
        }

        servers.Settle();
        watcher.Check("(before)", family.Targets);
        watcher.Check("(before)", family.Targets, thorough: true);
        watcher.Tally.Hits.Should().BePositive("otherwise nothing could be stale");
        watcher.Tally.NotModified.Should().BePositive();

        var apply = operation == "overwrite" ? f => mutations.Upload(f.Files[0]) : mutations.All.Single(m => m.Name == operation).Apply;
        for (var turn = 0; turn < 3; turn++)
        {
            apply(family);
            watcher.Check(operation, family.Targets, thorough: true);
        }

        servers.Settle();
        watcher.Check(operation + ", settled", family.Targets, thorough: true);
        Comparison.Differences.AssertNone(watcher.Tally.Failures, servers.Ours);
    }

    /// <summary>Names in an archive come from the main tags of all ancestors, and <c>reconstruct</c> changes those without any event.</summary>
    [Fact]
    public void The_archive_of_a_series_follows_the_name_of_the_patient_after_a_reconstruction()
    {
        var file = new DicomBuilder(Interlocked.Increment(ref families), 1, 1, 1);
        servers.Upload(file.Build("one"));
        servers.Upload((file with { Study = 2 }).Build("two"));
        var patient = OrthancId.Patient(file);
        var archive = new Target(OrthancId.Series(file), $"/series/{OrthancId.Series(file)}/archive");
        var watcher = new Watcher(servers, new Random(1));
        servers.Settle();
        watcher.Check("(before)", [archive, .. Target.Of("patients", patient)]);

        var request = new JsonObject
        {
            ["Replace"] = new JsonObject { ["PatientName"] = "Renamed", ["PatientID"] = file.PatientId },
            ["Keep"] = new JsonArray("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID"),
            ["Force"] = true,
        }.ToJsonString();
        foreach (var server in (OrthancServer[])[servers.Bare, servers.Ours])
        {
            server.Client.Post($"/patients/{patient}/modify", request).Status.Should().Be(200);
        }

        servers.Settle();
        watcher.Check("modify patient", [archive]);
        foreach (var server in (OrthancServer[])[servers.Bare, servers.Ours])
        {
            server.Client.Post($"/patients/{patient}/reconstruct", "{}").Status.Should().Be(200);
        }

        watcher.Check("reconstruct", [archive], thorough: true);
        servers.Settle();
        watcher.Check("reconstruct, settled", [archive], thorough: true);
        Comparison.Differences.AssertNone(watcher.Tally.Failures, servers.Ours);
    }

    /// <summary>LastUpdate has whole seconds: what is asked between two changes of one second must not get the tag of what comes after.</summary>
    [Fact]
    public void Two_changes_within_one_second_are_never_confused()
    {
        var file = new DicomBuilder(Interlocked.Increment(ref families), 1, 1, 1);
        var watcher = new Watcher(servers, new Random(2));
        Target[] targets = [.. new[] { ("patients", OrthancId.Patient(file)), ("studies", OrthancId.Study(file)), ("series", OrthancId.Series(file)), ("instances", OrthancId.Instance(file)) }
            .SelectMany(r => Target.Of(r.Item1, r.Item2))];
        for (var change = 0; change < 60; change++)
        {
            // The same size and the same count, so that no statistics tell one from the other.
            servers.Upload(file.Build($"change {change:000}"));
            watcher.Check("overwrite", targets);
        }

        servers.Settle();
        watcher.Check("overwrite, settled", targets, thorough: true);
        Comparison.Differences.AssertNone(watcher.Tally.Failures, servers.Ours);
    }

    [Fact]
    public void Last_Modified_moves_when_a_deletion_changes_the_response()
    {
        var file = new DicomBuilder(Interlocked.Increment(ref families), 1, 1, 1);
        servers.Upload(file.Build("one"));
        servers.Upload((file with { Instance = 2 }).Build("two"));
        string[] targets = [.. new[] { ("patients", OrthancId.Patient(file)), ("studies", OrthancId.Study(file)), ("series", OrthancId.Series(file)) }
            .SelectMany(r => new[] { "instances-tags", "shared-tags", "archive" }.Select(t => $"/{r.Item1}/{r.Item2}/{t}"))];
        servers.Settle();
        var before = targets.Select(t => Until.Some("validators", () => servers.Ours.Client.Get(t) is { ETag: not null, LastModified: not null } a ? a : null)).ToList();

        servers.Ours.Client.Delete($"/instances/{OrthancId.Instance(file)}").Status.Should().Be(200);
        servers.Bare.Client.Delete($"/instances/{OrthancId.Instance(file)}").Status.Should().Be(200);

        foreach (var (target, old) in targets.Zip(before))
        {
            servers.Ours.Client.Get(target, ("If-Modified-Since", old["Last-Modified"]!)).Status.Should().Be(200, target);
            servers.Ours.Client.Get(target, ("If-None-Match", old.ETag!)).Status.Should().Be(200, target);
            var now = Until.Some("validators", () => servers.Ours.Client.Get(target) is { ETag: not null, LastModified: not null } a ? a : null);
            now.LastModified.Should().BeAfter(old.LastModified!.Value, target);
            now.ETag.Should().NotBe(old.ETag, target);
        }
    }
}
