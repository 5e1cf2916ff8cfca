using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Servers;

namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>Tags that are made here of one parse of each instance, beside those of a bare Orthanc.</summary>
public sealed class DerivedTagsTests : IDisposable
{
    private static readonly string[] Formats = ["", "?short", "?simplify", "?simplify=0&short", "?full"];
    private readonly TwoServers servers = new();

    public void Dispose() => servers.Dispose();

    [Fact]
    public void Every_response_about_tags_of_the_sample_files_is_that_of_the_bare_server()
    {
        servers.Settle();
        var differences = new List<string>();
        var compared = 0;
        foreach (var level in (string[])["series", "studies", "patients", "instances"])
        {
            var routes = level == "instances" ? (string[])["tags", "simplified-tags"] : ["instances-tags", "shared-tags"];
            foreach (var target in servers.Ids(level).SelectMany(id => routes.SelectMany(r => Formats.Select(f => $"/{level}/{id}/{r}{f}"))))
            {
                compared++;
                if (ResponseComparison.Difference(target, servers.Ours.Client.Get(target), servers.Bare.Client.Get(target)) is { } difference)
                {
                    differences.Add(difference);
                }
            }
        }

        Differences.AssertNone(differences, servers.Ours);
        var tags = Status();
        compared.Should().BeGreaterThan(1000);
        tags.Derived.Should().BeGreaterThan(compared / 2, "most of them are made here; left to Orthanc: {0}", tags.Left);
    }

    [Fact]
    public void A_series_that_grew_by_one_instance_has_that_one_parsed_alone_also_after_a_restart()
    {
        const int before = 40;
        var first = new DicomBuilder(77, 1, 1, 1);
        for (var i = 1; i <= before; i++)
        {
            servers.Upload((first with { Instance = i }).Build($"{i}"));
        }

        var target = $"/series/{OrthancId.Series(first)}/instances-tags";
        Until.True("it is stored", () => servers.Ours.Client.Get(target).IsHit);
        servers.Ours.Client.Get(target + "?short").CacheStatus.Should().Be("response-cache; hit");
        servers.Ours.Client.Get($"/studies/{OrthancId.Study(first)}/shared-tags").CacheStatus.Should().Be("response-cache; hit");
        Status().Parsed.Should().Be(before);

        for (var added = before + 1; added <= before + 2; added++)
        {
            servers.Upload((first with { Instance = added }).Build($"{added}"));
            var parsed = Status().Parsed;
            var grown = Until.Some("it is stored again", () => servers.Ours.Client.Get(target) is { ETag: not null } response ? response : null);
            grown.CacheStatus.Should().Contain("detail=derived; stored");
            grown.Body.Should().Equal(servers.Bare.Client.Get(target).Body);
            Status().Parsed.Should().Be(parsed + 1);
            servers.Ours.Restart();
        }
    }

    [Fact]
    public void A_file_that_is_away_for_a_moment_leaves_the_response_to_Orthanc_without_validators()
    {
        var first = new DicomBuilder(78, 1, 1, 1);
        servers.Upload(first.Build("one"));
        servers.Upload((first with { Instance = 2 }).Build("two"));
        servers.Settle();
        var uuid = servers.Ours.Client.GetJson($"/instances/{OrthancId.Instance(first)}")["FileUuid"]!.GetValue<string>();
        var file = Directory.EnumerateFiles(servers.Ours.Home, uuid, SearchOption.AllDirectories).Single();
        servers.Ours.Restart(); // forgets what it has read of the file
        File.Move(file, file + ".away");
        var target = $"/series/{OrthancId.Series(first)}/shared-tags";
        var incomplete = servers.Ours.Client.Get(target);
        incomplete.Status.Should().Be(200);
        incomplete.ETag.Should().BeNull();
        incomplete.IsStored.Should().BeFalse();

        File.Move(file + ".away", file);
        var complete = Until.Some("it is complete", () => servers.Ours.Client.Get(target) is { ETag: not null } response ? response : null);
        complete.Body.Should().Equal(servers.Bare.Client.Get(target).Body);
    }

    private (long Derived, long Parsed, string Left) Status()
    {
        var tags = servers.Ours.Client.GetJson("/plugins/response-cache/status")["Tags"]!;
        return (tags["Derived"]!.GetValue<long>(), tags["InstancesParsed"]!.GetValue<long>(), tags["LeftToOrthanc"]!.ToJsonString());
    }
}
