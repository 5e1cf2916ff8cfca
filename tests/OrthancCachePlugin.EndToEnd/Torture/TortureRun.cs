using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;

namespace OrthancCachePlugin.EndToEnd.Torture;

/// <summary>
/// Random mutations on ours and on a bare server, and after each, at once, everything that it may have changed is compared, with and
/// without the validators that were handed out before.
/// </summary>
/// <remarks>
/// Each writer has patients of its own, so what it compares is changed by nobody else; what it disturbs, revisions and questions about
/// the whole database, it shares with the others. <c>ORTHANC_CACHE_SEED</c> repeats a run of one writer (as far as the clock plays no
/// part), <c>ORTHANC_CACHE_TORTURE_MINUTES</c> sets its length.
/// </remarks>
internal sealed class TortureRun(TwoServers servers, ITestOutputHelper output)
{
    private const double DefaultMinutes = 1.5;
    private const int Families = 45;
    private const int TargetsPerCheck = 24;
    private const int StepsPerFullCheck = 150;

    /// <summary>How many steps before its next mutation a family is visited. It is then old enough for its responses to be stored.</summary>
    private const int Ahead = 3;

    private readonly int seed = int.TryParse(Environment.GetEnvironmentVariable("ORTHANC_CACHE_SEED"), CultureInfo.InvariantCulture, out var given)
        ? given
        : Environment.TickCount;

    private readonly double minutes = double.TryParse(Environment.GetEnvironmentVariable("ORTHANC_CACHE_TORTURE_MINUTES"), CultureInfo.InvariantCulture, out var wanted)
        ? wanted
        : DefaultMinutes;

    /// <remarks>In 1.12.7, which hangs under several writers without the plugin, too, even where they take turns, there is one.</remarks>
    public void Run(string name, int writers)
    {
        writers = servers.Ours.IsAtLeast(1, 13, 0) || !servers.Ours.IsAtLeast(1, 12, 0) ? writers : 1;
        var families = Enumerable.Range(1, Families).Select(n => new Family(n)).ToArray();
        var tallies = new Tally[writers];
        Task.WaitAll([.. Enumerable.Range(0, writers).Select(w => Task.Factory.StartNew(
            () => tallies[w] = Write([.. families.Where((_, n) => n % writers == w)], new Random(seed + w), alone: writers == 1), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))]);
        var tally = tallies[0];
        Array.ForEach(tallies[1..], tally.Add);
        Report(tally, name);
        Comparison.Differences.AssertNone(tally.Failures, servers.Ours);
        tally.Comparisons.Should().BeGreaterThan(1000);
        // A test that never meets a hit or a 304 would prove nothing.
        tally.Hits.Should().BeGreaterThan(100);
        tally.NotModified.Should().BeGreaterThan(100);
        servers.Ours.AssertHealthy();
    }

    /// <summary>One writer.</summary>
    /// <param name="families">The patients that nobody else changes.</param>
    /// <param name="random">The writer's own.</param>
    /// <param name="alone">True where it may restart the server.</param>
    private Tally Write(Family[] families, Random random, bool alone)
    {
        var watcher = new Watcher(servers, random);
        var mutations = new Mutations(servers, watcher, random);
        foreach (var file in families.SelectMany(f => f.Files).Where(_ => random.Next(4) > 0))
        {
            mutations.Upload(file);
        }

        var started = Stopwatch.GetTimestamp();
        for (var step = 0; step < families.Length || Stopwatch.GetElapsedTime(started).TotalMinutes < minutes; step++)
        {
            var family = families[step % families.Length];
            for (var again = random.Next(10) < 7 ? 1 : 3; again > 0; again--)
            {
                var (name, apply) = mutations.Draw();
                if (Apply(apply, family))
                {
                    watcher.Check(name, Choose(family, random));
                }
            }

            watcher.Check("(nothing)", Choose(families[(step + Ahead) % families.Length], random));
            if (step % StepsPerFullCheck == StepsPerFullCheck - 1)
            {
                if (alone && random.Next(2) == 0)
                {
                    Restart(mutations, families, random);
                }

                watcher.Check("(everything, restarts)", [.. families.SelectMany(f => Choose(f, random))]);
            }
        }

        watcher.Check("(everything, at the end)", [.. families.SelectMany(f => f.Targets)], thorough: true);
        return watcher.Tally;
    }

    /// <summary>
    /// Before 1.12, one at a time: Orthanc 1.10.1 locks its index and then its Lua engine to store, and the other way round to tell of a
    /// change, so that two at once end in a deadlock of the bare server as well. Readers go on meanwhile.
    /// </summary>
    private bool Apply(Func<Family, bool> mutation, Family family)
    {
        if (servers.Ours.IsAtLeast(1, 12, 0))
        {
            return mutation(family);
        }

        lock (servers)
        {
            return mutation(family);
        }
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

    private void Report(Tally tally, string name)
    {
        var version = servers.Bare.Client.GetJson("/system")["Version"]!.GetValue<string>();
        var table = tally.Table(string.Create(CultureInfo.InvariantCulture, $"Orthanc {version}, {name}, seed {seed}, {minutes} minutes"));
        output.WriteLine(table);
        var file = Path.Combine(Repository.Root, "artifacts", $"torture-{version}-{name.Replace(", ", "-", StringComparison.Ordinal).Replace(' ', '-')}.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, table);
    }
}
