using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>
/// Starts a child that opens a store, checks every value that it finds, and writes under load until it is killed at a random moment;
/// then again on the same files.
/// </summary>
public static class KillRounds
{
    private const int Keys = 1200;
    private const int Versions = 6;

    /// <summary>Far more than anything takes, because other programs may have the machine.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(120);

    /// <summary>Runs rounds and prints their outcome.</summary>
    /// <returns>Whether no round gave a wrong value, a crash or a hang.</returns>
    public static bool Run(string directory, int rounds, int seed)
    {
        var random = new Random(seed);
        var hits = new List<int>();
        var times = new List<double>();
        var log = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        int bad = 0, early = 0, empty = 0;
        for (var round = 0; round < rounds; round++)
        {
            using var child = Children.Start(log, "kill-child", directory, round.ToString(CultureInfo.InvariantCulture));
            string? line = null;
            if (random.Next(8) == 0)
            {
                // at any moment, recovery included
                early++;
                child.WaitForExit(random.Next(1, 250));
            }
            else
            {
                line = Children.ReadLine(child, Timeout);
                if (line?.StartsWith("ready ", StringComparison.Ordinal) != true)
                {
                    bad++;
                    Console.WriteLine(FormattableString.Invariant($"round {round}: {line ?? "no response"}; it used {child.TotalProcessorTime.TotalSeconds:F1} s of processor time"));
                }

                // How far it gets is counted in writes, because a busy machine may give it no time at all.
                for (var progress = line is null ? 0 : random.Next(20); progress > 0 && Children.ReadLine(child, Timeout) is not null; progress--)
                {
                    // each line is a hundred writes
                }

                child.WaitForExit(random.Next(1, 30));
            }

            if (child.HasExited)
            {
                bad++;
                child.WaitForExit(); // and for all of its lines
                Console.WriteLine($"round {round}: the child ended by itself with {child.ExitCode}\n{string.Join('\n', Children.Said)}");
                continue;
            }

            child.Kill();
            child.WaitForExit();
            if (line?.Split(' ') is ["ready", var found, var milliseconds])
            {
                hits.Add(int.Parse(found, CultureInfo.InvariantCulture));
                times.Add(double.Parse(milliseconds, CultureInfo.InvariantCulture));
                empty += hits[^1] == 0 ? 1 : 0;
            }
        }

        Console.WriteLine(FormattableString.Invariant(
            $"kill -9: {rounds} rounds (seed {seed}, {early} of them at any moment of the start), {bad} bad; {(hits.Count == 0 ? 0 : hits.Average()):F0} entries found on average, none in {empty}; open after {(times.Count == 0 ? 0 : times.Max()):F0} ms at most"));
        Console.WriteLine($"  lines of the log: {string.Join(", ", log.OrderBy(static line => line.Key, StringComparer.Ordinal).Select(static line => $"{line.Value} times {line.Key}"))}");
        return bad == 0;
    }

    /// <summary>The child: never ends by itself unless something is wrong.</summary>
    public static int Child(string directory, int round)
    {
        var options = new StoreOptions
        {
            Directory = directory,
            MaximumBytes = 16 << 20,
            MemoryBytes = 1 << 20,
            CheckpointInterval = TimeSpan.FromMilliseconds(40),
            MaintenanceInterval = TimeSpan.FromMilliseconds(10),
        };
        var started = Stopwatch.GetTimestamp();
        using var store = new FasterEntryStore(options, new ConsoleLog(), TimeProvider.System);
        store.TryRead(TestData.Key(0, 0), out var first);
        first.Dispose();
        TestData.WaitUntilOpen(store);
        var open = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
        var (hits, wrong) = TestData.Verify(store, Keys, Versions);
        if (wrong != 0)
        {
            Console.WriteLine(FormattableString.Invariant($"{wrong} wrong values"));
            return 3;
        }

        Console.WriteLine(FormattableString.Invariant($"ready {hits} {open:F0}"));
        for (var thread = 0; thread < 3; thread++)
        {
            var random = new Random((round * 10) + thread);
            new Thread(() => Load(store, random)) { IsBackground = true }.Start();
        }

        for (var target = 100; ; target += 100)
        {
            while (store.GetStatus().Writes < target)
            {
                Thread.Sleep(1);
            }

            if (target % 300 == 0)
            {
                store.Maintain(TimeSpan.FromSeconds(10)); // a checkpoint, which a busy disk may not allow by itself
            }

            Console.WriteLine("progress");
        }
    }

    private static void Load(FasterEntryStore store, Random random)
    {
        while (true)
        {
            var (id, version) = (random.Next(Keys), random.Next(Versions));
            var key = TestData.Key(id, version);
            if (store.TryRead(key, out var entry))
            {
                var right = entry.Value.SequenceEqual(TestData.Value(id, version));
                entry.Dispose();
                if (!right)
                {
                    Environment.Exit(4);
                }
            }
            else
            {
                store.TryEnqueue(new Entry(key, TestData.Value(id, version)));
                store.Drain(TimeSpan.FromMilliseconds(random.Next(2)));
            }

            if (random.Next(4_000) == 0)
            {
                store.Remove(KeyPrefixes.Of(key));
            }
        }
    }
}
