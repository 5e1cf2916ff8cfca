using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>
/// The differential torture test: random mutations on ours and on a bare server, and after each, at once, everything that it may have
/// changed is compared, with and without the validators that were handed out before.
/// </summary>
/// <remarks>
/// <c>ORTHANC_CACHE_SEED</c> repeats a run (as far as the clock plays no part), <c>ORTHANC_CACHE_TORTURE_MINUTES</c> sets its length.
/// </remarks>
[Trait("Category", "Torture")]
public sealed class TortureTests(TortureServers servers, ITestOutputHelper output) : IClassFixture<TortureServers>
{
    private const double DefaultMinutes = 2;
    private const int Families = 45;
    private const int TargetsPerCheck = 24;
    private const int StepsPerFullCheck = 150;

    /// <summary>How many steps before its next mutation a family is visited. It is then old enough for its responses to be kept.</summary>
    private const int Ahead = 3;

    private readonly int seed = int.TryParse(Environment.GetEnvironmentVariable("ORTHANC_CACHE_SEED"), CultureInfo.InvariantCulture, out var given)
        ? given
        : Environment.TickCount;

    [Fact]
    public void No_answer_is_stale_and_no_304_is_wrong_after_any_mutation()
    {
        var random = new Random(seed);
        var watcher = new Watcher(servers, random);
        var mutations = new Mutations(servers, watcher, random);
        var families = Enumerable.Range(1, Families).Select(n => new Family(n)).ToArray();
        foreach (var file in families.SelectMany(f => f.Files).Where(_ => random.Next(4) > 0))
        {
            mutations.Upload(file);
        }

        var minutes = double.TryParse(Environment.GetEnvironmentVariable("ORTHANC_CACHE_TORTURE_MINUTES"), CultureInfo.InvariantCulture, out var wanted) ? wanted : DefaultMinutes;
        var started = Stopwatch.GetTimestamp();
        for (var step = 0; step < Families || Stopwatch.GetElapsedTime(started).TotalMinutes < minutes; step++)
        {
            var family = families[step % Families];
            for (var again = random.Next(10) < 7 ? 1 : 3; again > 0; again--)
            {
                var (name, apply) = mutations.Draw();
                if (apply(family))
                {
                    watcher.Check(name, Choose(family, random));
                }
            }

            watcher.Check("(nothing)", Choose(families[(step + Ahead) % Families], random));
            if (step % StepsPerFullCheck == StepsPerFullCheck - 1)
            {
                if (random.Next(2) == 0)
                {
                    Restart(mutations, families, random);
                }

                watcher.Check("(everything, restarts)", [.. families.SelectMany(f => Choose(f, random))]);
            }
        }

        watcher.Check("(everything, at the end)", [.. families.SelectMany(f => f.Targets)], thorough: true);
        Report(watcher.Tally, minutes);
        Comparison.Differences.AssertNone(watcher.Tally.Failures, servers.Ours);
        watcher.Tally.Comparisons.Should().BeGreaterThan(1000);
        // A test that never meets a hit or a 304 would prove nothing.
        watcher.Tally.Hits.Should().BeGreaterThan(100);
        watcher.Tally.NotModified.Should().BeGreaterThan(100);
        servers.Ours.AssertHealthy();
    }

    private static Target[] Choose(Family family, Random random)
    {
        var targets = family.Targets.ToArray();
        random.Shuffle(targets);
        // A patient has few routes among many, and most mutations show there.
        var above = targets.Where(t => !t.Path.StartsWith("/instances", StringComparison.Ordinal)).Take(TargetsPerCheck / 2);
        return [.. above.Union(targets.Take(TargetsPerCheck / 2))];
    }

    /// <summary>Restarts, or lets something happen while the plugin is not loaded.</summary>
    private void Restart(Mutations mutations, Family[] families, Random random)
    {
        switch (random.Next(3))
        {
            case 0:
                servers.Ours.Restart();
                break;
            case 1:
                servers.Ours.Restart(s => s.WithCache = false);
                foreach (var family in families)
                {
                    mutations.Draw().Apply(family);
                }

                servers.Ours.Restart(s => s.WithCache = true);
                break;
            default:
                if (Neighbours.HavePython)
                {
                    servers.Ours.Restart();
                }
                else
                {
                    servers.Ours.Reset();
                }

                break;
        }
    }

    private void Report(Tally tally, double minutes)
    {
        var version = servers.Bare.Client.GetJson("/system")["Version"]!.GetValue<string>();
        var table = tally.Table(string.Create(CultureInfo.InvariantCulture, $"Orthanc {version}, seed {seed}, {minutes} minutes"));
        output.WriteLine(table);
        var file = Path.Combine(Repository.Root, "artifacts", $"torture-{version}.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, table);
    }
}
