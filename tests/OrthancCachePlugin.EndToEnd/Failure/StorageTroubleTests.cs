using System.Collections.Concurrent;
using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Failure;

/// <summary>What Orthanc answers while it cannot read a file of its storage is sent, and neither stored nor confirmed once it can.</summary>
public sealed class StorageTroubleTests
{
    private static readonly string Instance = OrthancId.Instance(StorageServers.Second);

    private static readonly string[] Parents =
    [
        $"/patients/{OrthancId.Patient(StorageServers.First)}",
        $"/studies/{OrthancId.Study(StorageServers.First)}",
        $"/series/{OrthancId.Series(StorageServers.First)}",
    ];

    private static readonly string[] SharedTags =
        [.. Parents.SelectMany(p => (string[])[$"{p}/shared-tags", $"{p}/shared-tags?short", $"{p}/shared-tags?simplify", $"{p}/shared-tags?simplify&full"])];

    private static readonly string[] Archives = [.. Parents.SelectMany(p => (string[])[$"{p}/archive", $"{p}/media", $"{p}/media?extended"])];

    private static readonly string[] InstanceRoutes =
        ["file", "tags", "tags?short", "tags?simplify", "simplified-tags", "header", "frames", "frames/0/raw", "frames/0/preview", "preview", "pdf"];

    [Fact]
    public void Shared_tags_without_an_instance_are_not_stored()
    {
        using var servers = new StorageServers().WithTwo();
        var dates = new List<string?>();
        using (servers.Without(Instance))
        {
            foreach (var target in SharedTags)
            {
                AssertUnconfirmable(servers, target, isIncomplete: true);
                dates.Add(servers.Ours.Client.Get(target)["Date"]);
            }

            AssertUnconfirmable(servers, SharedTags[0], isIncomplete: true, ("Accept", "application/xml"));
            AssertUnconfirmable(servers, SharedTags[2], isIncomplete: true, ("Accept", "application/xml"));
        }

        Until.True("XML is a hit", () => servers.Ours.Client.Get(SharedTags[2], ("Accept", "application/xml")).IsHit);

        for (var i = 0; i < SharedTags.Length; i++)
        {
            AssertTrue(servers, SharedTags[i]);
            servers.Ours.Client.Get(SharedTags[i], ("If-Modified-Since", dates[i]!)).Status.Should().Be(200);
        }

        AssertKept(servers, SharedTags);
        servers.Ours.Restart();
        servers.Ours.AwaitDiskCache();
        AssertKept(servers, SharedTags);
    }

    [Fact]
    public void Archives_without_an_instance_are_not_confirmed()
    {
        using var servers = new StorageServers().WithTwo();
        using (servers.Without(Instance))
        {
            foreach (var target in Archives)
            {
                AssertUnconfirmable(servers, target, isIncomplete: true);
            }
        }

        foreach (var target in Archives)
        {
            AssertTrue(servers, target);
            var whole = Until.Some($"{target} has a tag", () => servers.Ours.Client.Get(target) is { ETag: not null } response ? response : null);
            using (servers.Without(Instance))
            {
                servers.Ours.Client.Get(target, ("If-None-Match", whole.ETag!)).Status.Should().Be(304, "that is what a 200 would carry");
                AssertUnconfirmable(servers, target, isIncomplete: true);
            }
        }
    }

    [Theory]
    [InlineData("rtplan.dcm", 300)] // between two tags: no error to Orthanc
    [InlineData("rtplan.dcm", 1336)]
    [InlineData("CT_small.dcm", 39205)]
    [InlineData("CT_small.dcm", 3000)]
    [InlineData("SC_rgb_rle_2frame.dcm", 1210)] // before the number of frames
    [InlineData("CT_small.dcm", 0)]
    public void What_is_left_of_a_file_is_neither_stored_nor_confirmed(string name, int size) => AssertSpoiled(name, whole => whole[..size]);

    [Theory]
    [InlineData("rtplan.dcm")]
    [InlineData("CT_small.dcm")]
    public void Zeros_and_garbage_in_place_of_a_file_are_neither_stored_nor_confirmed(string name)
    {
        AssertSpoiled(name, whole => new byte[whole.Length]);
        AssertSpoiled(name, whole => [.. whole.Select((_, i) => (byte)((i * 37) + 11))]);
        AssertSpoiled(name, _ => "something else"u8.ToArray());
    }

    [Fact]
    public void Warm_up_tries_again_what_was_incomplete()
    {
        using var servers = new StorageServers(s => s.Cache["WarmUp"] = s.Name == "ours");
        servers.Upload(StorageServers.First.Build("first"));
        servers.Upload(StorageServers.Second.Build("second"));
        string[] all = [.. SharedTags.Where(t => !t.Contains('&', StringComparison.Ordinal)), .. Parents.SelectMany(p => (string[])[$"{p}/instances-tags", $"{p}/instances-tags?short"])];
        using (servers.Without(Instance))
        {
            Until.True("all three are tried", () => Stored(servers, "attachments").All(has => has));
            Until.True("and that is over", () => WarmUpCount(servers, "Running") == 0);
            WarmUpCount(servers, "Deleted").Should().Be(0);
            Stored(servers, "shared-tags").Should().OnlyContain(has => !has);
        }

        Until.True("all three are warm", () => Stored(servers, "shared-tags").Concat(Stored(servers, "instances-tags")).All(has => has));
        foreach (var target in all)
        {
            var response = servers.Ours.Client.Get(target);
            response.IsHit.Should().BeTrue();
            response.Body.Should().Equal(servers.Bare.Client.Get(target).Body);
        }
    }

    [Fact]
    public void While_a_file_comes_and_goes_whatever_can_be_confirmed_is_complete()
    {
        using var servers = new StorageServers().WithTwo();
        string[] targets = [.. SharedTags, .. Archives, .. Parents.Select(p => $"{p}/instances-tags"), $"/instances/{Instance}/tags", $"/instances/{Instance}/file"];
        var truth = targets.ToDictionary(t => t, t => servers.Bare.Client.Get(t));
        var file = servers.FileOf(Instance);
        var wrong = new ConcurrentQueue<string>();
        var complete = 0;
        var clients = Enumerable.Range(0, 3).Select(number => new Thread(() =>
        {
            var random = new Random(number);
            for (var i = 0; i < 1500; i++)
            {
                var target = targets[random.Next(targets.Length)];
                var response = servers.Ours.Client.Get($"{target}{(target.Contains('?', StringComparison.Ordinal) ? '&' : '?')}_={i}", ("Cache-Control", random.Next(4) == 0 ? "max-age=0" : "no-store"));
                if (response is { Status: 200 } && (response.ETag ?? response["Last-Modified"]) is not null
                    && !(IsStreamed(response) && ZipListing.IsBroken(response.Body)))
                {
                    Interlocked.Increment(ref complete);
                    if (ResponseComparison.Difference(target, response, truth[target]) is { } difference)
                    {
                        wrong.Enqueue($"{target}: {difference}; {response.CacheStatus}");
                    }
                }
            }
        })).ToList();

        clients.ForEach(c => c.Start());
        while (clients.Exists(c => c.IsAlive))
        {
            File.Move(file, file + ".away");
            Thread.Yield();
            File.Move(file + ".away", file);
            Thread.Yield();
        }

        wrong.Should().BeEmpty();
        complete.Should().BePositive();
        foreach (var target in targets)
        {
            AssertTrue(servers, target);
        }

        servers.Ours.AssertHealthy();
    }

    private static void AssertSpoiled(string name, Func<byte[], byte[]> spoil)
    {
        using var servers = new StorageServers();
        var instance = servers.Upload(DicomFiles.Read(name))!;
        servers.Settled();
        string[] targets =
        [
            .. InstanceRoutes.Select(r => $"/instances/{instance}/{r}"),
            .. ((string[])["series", "study", "patient"]).SelectMany(level =>
            {
                var id = servers.Bare.Client.GetJson($"/instances/{instance}/{level}")["ID"]!.GetValue<string>();
                var path = level == "study" ? "studies" : level == "patient" ? "patients" : level;
                return ((string[])["shared-tags", "shared-tags?short", "instances-tags", "instances-tags?simplify", "archive", "media"]).Select(r => $"/{path}/{id}/{r}");
            }),
        ];
        using (servers.Spoiled(instance, spoil))
        {
            foreach (var target in targets)
            {
                AssertUnconfirmable(servers, target, isIncomplete: false);
            }
        }

        // Orthanc may remember what it has parsed; a new process does not.
        servers.Ours.Restart();
        servers.Ours.AwaitDiskCache();
        foreach (var target in targets)
        {
            AssertTrue(servers, target);
        }
    }

    /// <summary>Asks several times: whatever differs from the truth must have nothing by which it could be confirmed, and come from Orthanc each time.</summary>
    private static void AssertUnconfirmable(
        StorageServers servers, string target, bool isIncomplete, params (string Name, string Value)[] headers)
    {
        var truth = servers.Bare.Client.Get(target, headers);
        for (var turn = 0; turn < 3; turn++)
        {
            var response = servers.Ours.Client.Get(target, headers);
            if (IsStreamed(response))
            {
                // Its validators went out before it was known to be incomplete. They are good for nothing.
                servers.Ours.Client.Get(target, ("If-None-Match", response.ETag ?? "\"none\"")).Status.Should().Be(200, target);
                servers.Ours.Client.Get(target, ("If-Modified-Since", response["Last-Modified"] ?? response["Date"]!)).Status.Should().Be(200, target);
                continue;
            }

            if (isIncomplete || (response.Status == 200 && ResponseComparison.Difference(target, response, truth) is not null))
            {
                response.Status.Should().Be(200);
                response.ETag.Should().BeNull(target);
                response["Last-Modified"].Should().BeNull(target);
                response.IsHit.Should().BeFalse(target);
                response.IsStored.Should().BeFalse(target);
                response.CacheStatus.Should().Be("response-cache; fwd=miss; detail=incomplete", target);
                response["Cache-Control"].Should().Be("no-store");
                servers.Ours.Client.Get(target, ("If-Modified-Since", DateTimeOffset.UtcNow.ToString("r"))).Status.Should().Be(200, target);
            }
        }
    }

    private static bool IsStreamed(HttpResponse response) =>
        response.Status == 200 && response["Content-Type"] == "application/zip" && response["Content-Length"] is null;

    private static void AssertTrue(StorageServers servers, string target)
    {
        var truth = servers.Bare.Client.Get(target);
        for (var turn = 0; turn < 3; turn++)
        {
            ResponseComparison.Difference(target, servers.Ours.Client.Get(target), truth).Should().BeNull(target);
        }
    }

    private static void AssertKept(StorageServers servers, IEnumerable<string> targets)
    {
        foreach (var target in targets)
        {
            var hit = Until.Some($"{target} is a hit", () => servers.Ours.Client.Get(target) is { IsHit: true } response ? response : null);
            hit.Body.Should().Equal(servers.Bare.Client.Get(target).Body, target);
            hit.ETag.Should().NotBeNull();
        }
    }

    private static List<bool> Stored(StorageServers servers, string route) =>
        [.. Parents.Select(p => servers.Ours.Client.Get($"/plugins/response-cache/entries{p}").Text.Contains($"\"{route}\"", StringComparison.Ordinal))];

    private static long WarmUpCount(StorageServers servers, string name) =>
        servers.Ours.Client.GetJson("/plugins/response-cache/status")["WarmUp"]![name]!.GetValue<long>();
}
