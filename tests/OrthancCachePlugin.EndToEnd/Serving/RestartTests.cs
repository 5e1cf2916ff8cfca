using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Serving;

/// <summary>What survives the end of the process, and what must not.</summary>
public sealed class RestartTests : IDisposable
{
    private static readonly DicomBuilder First = new(1, 1, 1, 1);
    private readonly OrthancServer server = OrthancServer.Start();
    private readonly string target = $"/studies/{OrthancId.Study(First)}/instances-tags";

    public RestartTests() => server.Client.Post("/instances", First.Build("first")).Status.Should().Be(200);

    public void Dispose() => server.Dispose();

    [Fact]
    public void A_restart_finds_entries_and_validators_again()
    {
        Hit(target + "?simplify");

        // A date that is still to come, by a second at the most, is not sent.
        var before = Until.Some("a hit with a date", () => Hit() is var hit && hit["Last-Modified"] is not null ? hit : null);

        server.Restart();

        // Until it knows what still runs, responses have no validators, and a resource that was answered without gets a later date.
        // So it is asked for another one, of a kind whose version depends on that, too.
        Until.Some("a date", () => server.Client.Get($"/series/{OrthancId.Series(First)}/shared-tags")["Last-Modified"]);

        // The disk cache opens behind the start, and until then every request is a miss. One response tells that it is open; the other,
        // not asked for since, must be there.
        Hit(target + "?simplify");
        var after = server.Client.Get(target);
        after.CacheStatus.Should().StartWith("response-cache; hit");
        after.Body.Should().Equal(before.Body);
        after.ETag.Should().Be(before.ETag);
        Until.Some("its date", () => server.Client.Get(target)["Last-Modified"]).Should().Be(before["Last-Modified"]);
        server.Client.Get(target, ("If-None-Match", before.ETag!)).Status.Should().Be(304);
        server.Client.Get(target, ("If-Modified-Since", before["Last-Modified"]!)).Status.Should().Be(304);
    }

    [Fact]
    public void What_happened_while_the_plugin_was_not_loaded_shows_after_it()
    {
        server.Client.Post("/instances", (First with { Instance = 2 }).Build("second"));
        var before = Hit();

        server.Restart(s => s.WithCache = false);
        server.Client.Delete($"/instances/{OrthancId.Instance(First with { Instance = 2 })}").Status.Should().Be(200);
        var truth = server.Client.Get(target);
        server.Restart(s => s.WithCache = true);

        server.Client.Get(target, ("If-None-Match", before.ETag!)).Status.Should().Be(200);
        server.Client.Get(target, ("If-Modified-Since", before["Last-Modified"]!)).Status.Should().Be(200);
        server.AwaitDiskCache(); // that holds the old response
        server.Client.Get(target).Body.Should().Equal(truth.Body);
    }

    [Fact]
    public void After_a_power_cut_responses_are_right_and_are_stored_again()
    {
        var before = Hit();

        server.Kill();
        server.StartProcess();

        server.Client.Get(target).Body.Should().Equal(before.Body);
        Hit().Body.Should().Equal(before.Body);
    }

    [Fact]
    public void Tools_reset_initializes_the_plugin_again_in_the_same_process()
    {
        server.Restart(s => s.WithPython = false);
        var before = Hit();

        for (var turn = 0; turn < 3; turn++)
        {
            server.Reset();
            Hit().Body.Should().Equal(before.Body);
        }

        server.AssertHealthy();
    }

    [Fact]
    public void Damaged_files_are_misses_and_no_wrong_responses()
    {
        string[] targets = [target, target + "?simplify", $"/instances/{OrthancId.Instance(First)}/tags"];
        var before = targets.Select(t => Hit(t).Body).ToList();
        server.Stop();
        var random = new Random(4711);
        var damaged = 0;
        foreach (var file in Directory.EnumerateFiles(server.CacheDirectory, "*", SearchOption.AllDirectories))
        {
            var bytes = File.ReadAllBytes(file);
            for (var i = 0; i < bytes.Length; i += 1 + random.Next(64))
            {
                bytes[i] ^= (byte)(1 << random.Next(8));
                damaged++;
            }

            File.WriteAllBytes(file, bytes);
        }

        damaged.Should().BePositive("there must be something on disk to damage");
        server.StartProcess();
        server.AwaitDiskCacheOpened();

        for (var turn = 0; turn < 2; turn++)
        {
            targets.Select(t => server.Client.Get(t).Body).Should().BeEquivalentTo(before, o => o.WithStrictOrdering());
        }

        Hit().Body.Should().Equal(before[0]);
    }

    [Fact]
    public void Another_version_of_the_configuration_that_shapes_responses_does_not_get_old_entries()
    {
        var before = Hit(target + "?simplify");

        // A tag of the sample gets another name, and so would the response.
        server.Restart(s => s.Configuration["Dictionary"] = new System.Text.Json.Nodes.JsonObject
        {
            ["4321,1012"] = new System.Text.Json.Nodes.JsonArray("LO", "SomethingNew", 1, 1, "Creator"),
        });
        server.AwaitDiskCache(); // before, nothing could be a hit

        var after = server.Client.Get(target + "?simplify", ("If-None-Match", before.ETag!));
        after.Status.Should().Be(200);
        after.IsHit.Should().BeFalse();
    }

    private HttpResponse Hit(string? what = null) =>
        Until.Some("a hit", () => server.Client.Get(what ?? target) is { IsHit: true } response ? response : null);
}
