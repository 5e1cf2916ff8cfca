using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;
using OrthancCachePlugin.EndToEnd.Torture;
using Xunit.Abstractions;

namespace OrthancCachePlugin.EndToEnd.Shared;

/// <summary>Several Orthancs on one database: another server's write shows on the next request.</summary>
public sealed class SharedDatabaseTests(SharedDatabaseServers servers, ITestOutputHelper output) : IClassFixture<SharedDatabaseServers>
{
    private const int Seed = 4711;
    private const int Steps = 120;
    private const int Families = 12;
    private const int TargetsPerCheck = 20;

    /// <summary>DICOM and jobs bring nothing new here, and what draws identifiers needs both servers to write.</summary>
    private static readonly string[] LeftOut = ["split", "split, keeping", "merge", "merge, keeping", "C-STORE", "C-STORE to itself", "C-MOVE to itself"];

    [Fact]
    public void What_another_server_writes_shows_on_the_next_request()
    {
        var random = new Random(Seed);
        var watcher = new Watcher(servers, random, IsDecodedByCore);
        var mutations = new Mutations(servers, watcher, random);
        var families = Enumerable.Range(1, Families).Select(n => new Family(n)).ToArray();
        foreach (var file in families.SelectMany(f => f.Files).Where(_ => random.Next(2) == 0))
        {
            mutations.Upload(file);
        }

        for (var step = 0; step < Steps; step++)
        {
            var family = families[step % Families];
            var (name, apply) = mutations.Draw();
            if (!LeftOut.Contains(name) && apply(family))
            {
                watcher.Check(name, Choose(family, random));
            }

            watcher.Check("(nothing)", Choose(families[(step + 2) % Families], random));
        }

        watcher.Check("(everything, at the end)", [.. families.SelectMany(f => f.Targets.Take(60))], thorough: true);
        output.WriteLine(watcher.Tally.Table($"Two Orthancs on one PostgreSQL, seed {Seed}"));
        Differences.AssertNone(watcher.Tally.Failures, servers.Ours);
        watcher.Tally.Comparisons.Should().BeGreaterThan(1000);
    }

    [Fact]
    public void A_response_is_a_hit_until_the_other_server_writes()
    {
        var file = new DicomBuilder(500, 1, 1, 1);
        servers.Bare.Client.Post("/instances", file.Build("one")).Status.Should().Be(200);
        var target = $"/studies/{OrthancId.Study(file)}/instances-tags";
        var held = Until.Some("a hit", () => servers.Ours.Client.Get(target) is { IsHit: true } response ? response : null);

        servers.Bare.Client.Post("/instances", (file with { Instance = 2 }).Build("two")).Status.Should().Be(200);

        servers.Ours.Client.Get(target, ("If-None-Match", held.ETag!)).Status.Should().Be(200);
        servers.Ours.Client.Get(target).Text.Should().Be(servers.Bare.Client.Get(target).Text);
        servers.Bare.Client.Delete($"/studies/{OrthancId.Study(file)}").Status.Should().Be(200);
        servers.Ours.Client.Get(target, ("If-None-Match", "*")).Status.Should().Be(404);
        servers.Ours.Client.Get(target).Status.Should().Be(404);
    }

    [Fact]
    public void A_database_that_may_be_shared_is_named_at_the_start_where_the_option_is_not_set()
    {
        using var cluster = new PostgresCluster();
        using var server = OrthancServer.Start(s =>
        {
            SharedDatabaseServers.Configure(s, cluster);
            s.Cache.Remove("SharedDatabase");
        });

        server.Log.Split('\n').Should().ContainSingle(l => l.Contains("Response cache [203]") && l.Contains("SharedDatabase"));
    }

    /// <summary>
    /// Orthanc keeps the last decoded files in memory, by identifier, and does not look whether another server has overwritten or
    /// deleted them (ServerContext, dicomCache_). Such a response is the origin's; it must not be a hit, and must not carry validators.
    /// </summary>
    private static bool IsDecodedByCore(Target target) => target.Path.Contains("/frames", StringComparison.Ordinal)
        || target.Path.EndsWith("/preview", StringComparison.Ordinal) || target.Path.EndsWith("/pdf", StringComparison.Ordinal);

    private static Target[] Choose(Family family, Random random)
    {
        var targets = family.Targets.ToArray();
        random.Shuffle(targets);
        return targets[..TargetsPerCheck];
    }
}
