using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Failure;

/// <summary>Whatever the cache cannot do, the request is answered from the origin, the log says so, and Orthanc lives.</summary>
public sealed class FailureIsAMissTests
{
    private const int Instances = 6;
    private static readonly DicomBuilder First = new(1, 1, 1, 1);

    private static readonly string[] Targets =
    [
        .. (string[])["instances-tags", "shared-tags", "attachments", "instances-tags?simplify", "archive"],
    ];

    [Theory]
    [InlineData("/proc/response-cache")]
    [InlineData("/dev/null/response-cache")]
    [InlineData("/sys/response-cache")]
    public void A_directory_that_cannot_be_made(string directory)
    {
        using var server = OrthancServer.Start(s => s.CacheDirectory = directory);

        AssertServes(server);

        AssertSaysSoOnce(server);
        AssertTellsThatNothingIsStored(server);
    }

    [Fact]
    public void A_directory_that_is_a_file()
    {
        using var server = OrthancServer.Create();
        File.WriteAllText(server.CacheDirectory, "");
        server.StartProcess();

        AssertServes(server);

        AssertSaysSoOnce(server);
    }

    [Fact]
    public void A_directory_of_somebody_else()
    {
        using var server = OrthancServer.Create(s =>
        {
            s.User = "nobody";
            s.CacheDirectory = "/root/response-cache-that-nobody-may-make";
        });
        server.StartProcess();

        AssertServes(server);

        AssertSaysSoOnce(server);
    }

    [Fact]
    public void A_disk_that_is_full_from_the_start()
    {
        using var server = OrthancServer.Create();
        using var disk = new FullDisk(server.CacheDirectory, kibibytes: 64);
        disk.Fill();
        server.StartProcess();

        AssertServes(server);

        AssertSaysSoOnce(server);
        server.Stop();
    }

    [Fact]
    public void A_disk_that_fills_up_while_running()
    {
        using var server = OrthancServer.Create();
        using var disk = new FullDisk(server.CacheDirectory, kibibytes: 262144);
        server.StartProcess();
        AssertServes(server);
        disk.Fill();

        AssertServes(server);
        for (var i = 0; i < 200; i++)
        {
            // Each is a new entry.
            server.Client.Get($"/studies/{OrthancId.Study(First)}/instances-tags?ignore-length={i:x4}-0010").Status.Should().Be(200);
        }

        AssertServes(server);
        server.Stop();
    }

    [Fact]
    public void A_directory_that_disappears_while_running()
    {
        using var server = OrthancServer.Start();
        AssertServes(server);
        Until.True("something is stored", () => server.Client.Get($"/studies/{OrthancId.Study(First)}/shared-tags").IsHit);

        Directory.Delete(server.CacheDirectory, recursive: true);

        AssertServes(server);
        server.Restart();
        AssertServes(server);
        Until.True("it is stored again after a restart", () => server.Client.Get($"/studies/{OrthancId.Study(First)}/shared-tags").IsHit);
    }

    [Fact]
    public void A_second_server_on_the_same_directory()
    {
        using var first = OrthancServer.Start();
        using var second = OrthancServer.Start(s => s.CacheDirectory = first.CacheDirectory[Repository.Chroot.Length..]);

        AssertServes(first);
        AssertServes(second, comment: "of the second server");
        AssertServes(first);
    }

    [Fact]
    public void Files_of_others_in_the_directory_stay()
    {
        using var server = OrthancServer.Create();
        var precious = Path.Combine(Directory.CreateDirectory(server.CacheDirectory).FullName, "precious.txt");
        File.WriteAllText(precious, "not ours");
        server.StartProcess();

        AssertServes(server);
        server.Restart();

        File.ReadAllText(precious).Should().Be("not ours");
    }

    private static void AssertServes(OrthancServer server, string comment = "of the server")
    {
        for (var i = 1; i <= Instances; i++)
        {
            server.Client.Post("/instances", (First with { Instance = i }).Build($"{i} {comment}")).Status.Should().Be(200);
        }

        for (var turn = 0; turn < 3; turn++)
        {
            foreach (var target in Targets)
            {
                server.Client.Get($"/studies/{OrthancId.Study(First)}/{target}").Status.Should().Be(200, target);
            }

            for (var i = 1; i <= Instances; i++)
            {
                var response = server.Client.Get($"/instances/{OrthancId.Instance(First with { Instance = i })}/simplified-tags");
                response.Status.Should().Be(200);
                response.Text.Should().Contain($"\"{i} {comment}").And.Contain("ImageComments");
            }
        }

        server.AssertHealthy();
    }

    /// <summary>The client is told, and what it holds is confirmed nevertheless.</summary>
    private static void AssertTellsThatNothingIsStored(OrthancServer server)
    {
        var target = $"/studies/{OrthancId.Study(First)}/shared-tags";
        var response = Until.Some("it has settled", () => server.Client.Get(target) is { ETag: not null } settled ? settled : null);
        response.CacheStatus.Should().Be("response-cache; fwd=miss; detail=no-store");
        server.Client.Get(target, ("If-None-Match", response.ETag!)).Status.Should().Be(304);
        server.Client.GetJson("/plugins/response-cache/status")["Disk"]!["Writes"]!.GetValue<int>().Should().Be(0);
    }

    private static void AssertSaysSoOnce(OrthancServer server)
    {
        Until.True("it says so", () => server.Log.Contains("Response cache [301]", StringComparison.Ordinal));

        // 305 is about the ballast that fills the disk.
        server.Log.Split('\n').Where(l => l.Contains("Response cache [3") && !l.Contains("[305]")).Should().ContainSingle("one line about the store, and not one per request:\n{0}", server.Log);
    }
}
