using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Torture;

namespace OrthancCachePlugin.EndToEnd.Freshness;

/// <summary>What changes without any request to us shows as soon as Orthanc's event arrives, and no 304 stands against it afterwards.</summary>
public sealed class UnannouncedMutationTests
{
    private const int MaximumPatients = 3;

    [Fact]
    public void A_recycled_patient_is_deleted_and_its_neighbours_stay_right()
    {
        using var server = OrthancServer.Start(s => s.Configuration["MaximumPatientCount"] = MaximumPatients);
        var patients = Enumerable.Range(1, 12).Select(n => new Family(n)).ToList();
        var held = new Dictionary<string, HttpResponse>(StringComparer.Ordinal);

        for (var i = 0; i < patients.Count; i++)
        {
            foreach (var file in patients[i].Files)
            {
                server.Client.Post("/instances", file.Build("x")).Status.Should().Be(200);
            }

            var present = server.Client.GetJson("/patients").AsArray().Select(n => n!.GetValue<string>()).ToHashSet(StringComparer.Ordinal);
            present.Should().HaveCountLessThanOrEqualTo(MaximumPatients);
            foreach (var patient in patients.Take(i + 1))
            {
                foreach (var route in (string[])["shared-tags", "instances-tags", "attachments", "archive"])
                {
                    var target = $"/patients/{patient.PatientId}/{route}";
                    var expected = present.Contains(patient.PatientId) ? 200 : 404;
                    Until.True($"GET {target} gives {expected}", () => server.Client.Get(target).Status == expected);
                    if (expected == 404 && held.TryGetValue(target, out var old))
                    {
                        server.Client.Get(target, ("If-None-Match", old.ETag!)).Status.Should().Be(404);
                        server.Client.Get(target, ("If-Modified-Since", old["Last-Modified"]!)).Status.Should().Be(404);
                    }
                    else if (expected == 200)
                    {
                        held[target] = Until.Some("validators", () => server.Client.Get(target) is { ETag: not null, LastModified: not null } a ? a : null);
                    }
                }
            }
        }

        server.AssertHealthy();
    }

    [Fact]
    public void What_a_Lua_script_does_in_a_callback_shows()
    {
        // When a file with this comment comes, the script deletes the first instance of its study and annotates the series.
        const string script = """
            function OnStoredInstance(instanceId, tags, metadata)
              if tags['ImageComments'] == 'trigger' then
                local parent = ParseJson(RestApiGet('/instances/' .. instanceId .. '/study'))
                local instances = ParseJson(RestApiGet('/studies/' .. parent['ID'] .. '/instances'))
                for i, instance in ipairs(instances) do
                  if instance['MainDicomTags']['InstanceNumber'] == '1' then
                    RestApiDelete('/instances/' .. instance['ID'])
                  end
                end
                RestApiPut('/studies/' .. parent['ID'] .. '/attachments/e2e-note', 'from lua')
              end
            end
            """;
        using var server = OrthancServer.Start(s => s.Lua = script);
        var first = new DicomBuilder(1, 1, 1, 1);
        foreach (var instance in (int[])[1, 2, 3])
        {
            server.Client.Post("/instances", (first with { Instance = instance }).Build("plain"));
        }

        var study = OrthancId.Study(first);
        string[] targets = [$"/studies/{study}/instances-tags", $"/studies/{study}/shared-tags", $"/studies/{study}/attachments", $"/instances/{OrthancId.Instance(first)}/tags"];
        var before = targets.Select(t => Until.Some("a hit", () => server.Client.Get(t) is { IsHit: true } a ? a : null)).ToList();

        server.Client.Post("/instances", (first with { Instance = 4 }).Build("trigger"));

        Until.True("the deleted instance is gone", () => server.Client.Get(targets[3]).Status == 404);
        Until.True("it is gone from its study", () => !server.Client.Get(targets[0]).Text.Contains(OrthancId.Instance(first), StringComparison.Ordinal));
        Until.True("the attachment shows", () => server.Client.Get(targets[2]).Text.Contains("e2e-note", StringComparison.Ordinal));
        server.Client.Get(targets[3], ("If-None-Match", before[3].ETag!)).Status.Should().Be(404);
        foreach (var (target, old) in targets.Zip(before).Where(p => p.First != targets[1] && p.First != targets[3]))
        {
            server.Client.Get(target, ("If-None-Match", old.ETag!)).Status.Should().Be(200, target);
            server.Client.Get(target, ("If-Modified-Since", old["Last-Modified"]!)).Status.Should().Be(200, target);
        }
    }

    /// <summary>DICOMweb does so where the tests run beside it; a Lua script does the same elsewhere.</summary>
    [Fact]
    public void What_somebody_attaches_to_a_series_that_has_become_stable_shows()
    {
        const string script = """
            function OnStableSeries(seriesId, tags, metadata)
              RestApiPut('/series/' .. seriesId .. '/attachments/e2e-note', 'from lua')
            end
            """;
        using var server = OrthancServer.Start(s =>
        {
            s.DicomWebAttaches = true;
            s.Lua = script;
        });
        // Bookworm's DICOMweb attaches nothing yet.
        string[] attached = Neighbours.HaveDicomWeb && server.IsAtLeast(1, 12, 0) ? ["e2e-note", "4301"] : ["e2e-note"];
        for (var patient = 1; patient <= 5; patient++)
        {
            var first = new DicomBuilder(patient, 1, 1, 1);
            server.Client.Post("/instances", first.Build("plain")).Status.Should().Be(200);
            var target = $"/series/{OrthancId.Series(first)}/attachments";
            Until.True("it is all attached", () =>
            {
                // An argument that we do not know is answered by Orthanc itself.
                var earlier = server.Client.Get(target + "?asked=elsewhere").Text;
                var ours = server.Client.Get(target).Text;
                var later = server.Client.Get(target + "?asked=elsewhere").Text;
                if (earlier == later)
                {
                    ours.Should().Be(later);
                }

                return Array.TrueForAll(attached, a => ours.Contains(a, StringComparison.Ordinal));
            });
        }
    }

    [Fact]
    public void A_patient_that_is_recycled_does_not_make_others_wrong_while_uploads_go_on()
    {
        using var servers = new RecyclingServers(MaximumPatients);
        var random = new Random(4711);
        for (var step = 1; step <= 40; step++)
        {
            var family = new Family(step);
            servers.Upload(family.Files[random.Next(family.Files.Count)].Build($"{step}"));
            var present = servers.Ids("patients");
            foreach (var patient in present)
            {
                foreach (var route in (string[])["shared-tags", "instances-tags", "attachments"])
                {
                    var target = $"/patients/{patient}/{route}";
                    ResponseComparison.Difference(target, servers.Ours.Client.Get(target), servers.Bare.Client.Get(target)).Should().BeNull(target);
                }
            }
        }
    }

    private sealed class RecyclingServers(int patients) : TwoServers(s => s.Configuration["MaximumPatientCount"] = patients, upload: false);
}
