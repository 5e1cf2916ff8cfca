using System.Text;
using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Freshness;

/// <summary>What shapes responses and belongs to no resource, changed at run time and between two starts, by HTTP, by Lua and in a file.</summary>
public sealed class SettingsTests : IDisposable
{
    /// <summary>Without a character set of its own, and with a letter that means another one in each encoding; and with a private tag.</summary>
    private static readonly byte[] File = Nameless(new DicomBuilder(1, 1, 1, 1).Build("first"));

    private static readonly string Instance = OrthancId.Instance(new DicomBuilder(1, 1, 1, 1));
    private static readonly string[] Targets =
    [
        $"/instances/{Instance}/tags", $"/instances/{Instance}/simplified-tags",
        $"/studies/{OrthancId.Study(new DicomBuilder(1, 1, 1, 1))}/shared-tags?simplify",
        $"/patients/{OrthancId.Patient(new DicomBuilder(1, 1, 1, 1))}/instances-tags?simplify",
    ];

    private OrthancServer? server;

    public void Dispose() => server?.Dispose();

    [Fact]
    public void Put_of_the_default_encoding_shows_at_once()
    {
        Start();
        var old = Hits();

        foreach (var encoding in (string[])["Cyrillic", "Latin1", "Greek"])
        {
            server!.Client.Put("/tools/default-encoding", encoding).Status.Should().Be(200);
            foreach (var (target, held) in Targets.Zip(old))
            {
                AssertFresh(target);
                if (encoding != "Latin1")
                {
                    server.Client.Get(target, ("If-None-Match", held.ETag!)).Status.Should().Be(200, target);
                }

                server.Client.Get(target, ("If-Modified-Since", held["Last-Modified"]!)).Status.Should().Be(200, target);
            }
        }

        var now = Hits();
        foreach (var (target, held) in Targets.Zip(now))
        {
            server!.Client.Get(target, ("If-None-Match", held.ETag!)).Status.Should().Be(304, target);
        }

        server!.Restart(); // the configuration's again
        foreach (var (target, held) in Targets.Zip(now))
        {
            AssertFresh(target);
            server.Client.Get(target, ("If-None-Match", held.ETag!)).Status.Should().Be(200, target);
            server.Client.Get(target, ("If-Modified-Since", held["Last-Modified"]!)).Status.Should().Be(200, target);
        }

        server.AwaitDiskCache();
        Array.ForEach(Targets, AssertFresh);
        foreach (var (target, held) in Targets.Zip(now))
        {
            server.Client.Get(target, ("If-Modified-Since", held["Last-Modified"]!)).Status.Should().Be(200, target);
        }
    }

    /// <summary>Lua sets it in an event; nothing tells when.</summary>
    [Fact]
    public void What_Lua_sets_shows()
    {
        Start(s => s.Lua = """
            function OnStableSeries(seriesId, tags, metadata)
              RestApiPut('/tools/default-encoding', 'Cyrillic')
            end
            """);
        Until.True("it is set", () => server!.Client.Get("/tools/default-encoding").Text.Contains("Cyrillic", StringComparison.Ordinal));
        var before = server!.Client.Get(Targets[0]);
        Until.True("it shows", () => Array.TrueForAll(Targets, t => IsFresh(t)));
        before.Status.Should().Be(200);
        server.Client.Post("/tools/execute-script", "RestApiPut('/tools/default-encoding', 'Greek')").Status.Should().Be(200);
        Array.ForEach(Targets, AssertFresh);
    }

    [Fact]
    public void A_reset_with_an_edited_dictionary_shows()
    {
        Start(WithDictionary("First"), s => s.WithPython = false);
        var old = Hits();

        WithDictionary("Second");
        server!.Reset();

        AssertOther(old);
    }

    [Fact]
    public void A_dictionary_that_was_edited_between_two_starts_shows()
    {
        Start(WithDictionary("First"));
        var old = Hits();

        server!.Restart(_ => WithDictionary("Second"));

        AssertOther(old);
    }

    [Fact]
    public void Another_encoding_in_the_configuration_shows_after_a_restart()
    {
        Start();
        var old = Hits();

        server!.Restart(s => s.Configuration["DefaultEncoding"] = "Cyrillic");

        AssertOther(old);
    }

    private static byte[] Nameless(byte[] file)
    {
        // The texts are UTF-8 and say so: now they do not.
        var text = Encoding.Latin1.GetString(file);
        return Encoding.Latin1.GetBytes(text.Replace("ISO_IR 192", "          ", StringComparison.Ordinal));
    }

    private Action<OrthancSettings> WithDictionary(string name)
    {
        var path = Path.Combine(Path.GetTempPath(), $"e2e-{Environment.ProcessId}.dic");
        System.IO.File.WriteAllText(path, $"(4321,\"Creator\",12)\tLO\t{name}\t1\tPrivateTag\n");
        return s => s.Configuration["ExternalDictionaries"] = new JsonArray(path);
    }

    private void Start(params Action<OrthancSettings>[] configure)
    {
        server = OrthancServer.Start(s =>
        {
            s.Configuration["ExecuteLuaEnabled"] = true;
            Array.ForEach(configure, c => c(s));
        });
        server.Client.Post("/instances", File).Status.Should().Be(200);
    }

    /// <summary>An argument that we do not know is answered by Orthanc itself.</summary>
    private bool IsFresh(string target) =>
        server!.Client.Get(target).Body.AsSpan().SequenceEqual(server.Client.Get(target + (target.Contains('?', StringComparison.Ordinal) ? '&' : '?') + "asked=elsewhere").Body);

    private void AssertFresh(string target) => IsFresh(target).Should().BeTrue(target);

    private void AssertOther(List<HttpResponse> old)
    {
        for (var turn = 0; turn < 2; turn++)
        {
            foreach (var (target, held) in Targets.Zip(old))
            {
                AssertFresh(target);
                server!.Client.Get(target, ("If-None-Match", held.ETag!)).Status.Should().Be(200, target);
                server.Client.Get(target, ("If-Modified-Since", held["Last-Modified"]!)).Status.Should().Be(200, target);
            }

            server!.AwaitDiskCache(); // that holds the old ones
        }
    }

    private List<HttpResponse> Hits() => [.. Targets.Select(t =>
        Until.Some($"a hit of {t} with a date", () => server!.Client.Get(t) is { IsHit: true } hit && hit["Last-Modified"] is not null ? hit : null))];
}
