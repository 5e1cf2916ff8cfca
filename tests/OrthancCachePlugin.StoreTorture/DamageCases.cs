using System.Globalization;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>
/// Changes the files of a closed store in a way that follows from a seed, opens it, checks every value, writes and reads, closes and
/// opens it again. In a child process, because what is looked for may take the process down.
/// </summary>
public static class DamageCases
{
    private const int Keys = 400;

    /// <summary>Entries that fit any of the settings.</summary>
    private static readonly List<int> NewOnes = [.. Enumerable.Range(0, 60).Where(static id => TestData.Value(id, 1).Length < 60_000)];

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(120);

    /// <summary>Runs cases and prints their outcome.</summary>
    /// <returns>Whether none gave a wrong value, a crash, a hang, or a store that does not work.</returns>
    public static bool Run(string directory, int cases, int seed)
    {
        Prepare(directory);
        var outcomes = new SortedDictionary<string, (int Cases, int Complete, int Partial, int Empty)>(StringComparer.Ordinal);
        var bad = 0;
        for (var next = 0; next < cases;)
        {
            using var child = Children.Start(
                null, "damage-child", directory, next.ToString(CultureInfo.InvariantCulture), cases.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture));
            while (next < cases)
            {
                var line = Children.ReadLine(child, Timeout);
                child.WaitForExit(line is null ? 500 : 0);
                if (line?.Split('|') is not [var number, var kind, var hits, var trouble] || int.Parse(number, CultureInfo.InvariantCulture) != next)
                {
                    bad++;
                    Console.WriteLine($"case {next}: {line ?? (child.HasExited ? $"the process ended with {child.ExitCode}" : "hangs")}");
                    next++;
                    break;
                }

                var found = int.Parse(hits, CultureInfo.InvariantCulture);
                if (trouble.Length != 0)
                {
                    bad++;
                    Console.WriteLine($"case {next} ({kind}): {trouble}");
                }

                outcomes.TryGetValue(kind, out var sum);
                outcomes[kind] = (sum.Cases + 1, sum.Complete + (found == Keys ? 1 : 0), sum.Partial + (found is > 0 and < Keys ? 1 : 0), sum.Empty + (found == 0 ? 1 : 0));
                next++;
            }

            if (!child.HasExited)
            {
                child.Kill();
            }

            child.WaitForExit();
        }

        foreach (var (kind, sum) in outcomes)
        {
            Console.WriteLine($"  {kind}: {sum.Cases} cases; all entries in {sum.Complete}, some in {sum.Partial}, none in {sum.Empty}");
        }

        Console.WriteLine($"damage: {cases} cases (seed {seed}), {bad} bad");
        return bad == 0;
    }

    /// <summary>The child: a line per case.</summary>
    public static int Child(string directory, int from, int until, int seed)
    {
        var work = Path.Combine(directory, "work");
        for (var number = from; number < until; number++)
        {
            Copy(Path.Combine(directory, "base"), work);
            var mutator = new Mutator(work, Path.Combine(directory, "earlier"), new Random((seed * 1_000_003) + number));
            var kind = mutator.Apply();
            var trouble = Examine(work, mutator.Options(BaseOptions(work)), out var hits, mutator.IsHarmless);
            Console.WriteLine($"{number}|{kind}|{hits}|{trouble}");
        }

        return 0;
    }

    private static string Examine(string work, StoreOptions options, out int hits, bool harmless)
    {
        var log = new CountingLog();
        using (var store = new FasterEntryStore(options, log, TimeProvider.System))
        {
            TestData.WaitUntilOpen(store);
            (hits, var wrong) = TestData.Verify(store, Keys, 1);
            if (wrong != 0)
            {
                return $"{wrong} wrong values";
            }

            if (hits < Keys && log.Lines < 2 && !harmless)
            {
                return $"{Keys - hits} entries are missing and the log does not say why";
            }

            _ = store.List([]).Count;
            foreach (var id in NewOnes)
            {
                store.TryEnqueue(new Entry(TestData.Key(id, 1), TestData.Value(id, 1)));
            }

            store.Drain(TimeSpan.FromSeconds(20));
            foreach (var id in NewOnes)
            {
                if (!store.TryRead(TestData.Key(id, 1), out var entry))
                {
                    return "a new entry cannot be read back";
                }

                entry.Dispose();
            }
        }

        using var again = new FasterEntryStore(options, log, TimeProvider.System);
        TestData.WaitUntilOpen(again);
        var second = TestData.Verify(again, Keys, 2);
        return second.Wrong != 0 ? $"{second.Wrong} wrong values after the second start"
            : second.Hits < hits + NewOnes.Count ? $"{hits + NewOnes.Count - second.Hits} entries are lost after the second start"
            : "";
    }

    /// <summary>Makes the store that each case begins with.</summary>
    public static void Prepare(string directory)
    {
        var path = Path.Combine(directory, "base");
        using (var store = new FasterEntryStore(BaseOptions(path), new ConsoleLog(), TimeProvider.System))
        {
            TestData.WaitUntilOpen(store);
            for (var id = 0; id < Keys; id++)
            {
                store.TryEnqueue(new Entry(TestData.Key(id, 0), TestData.Value(id, 0)));
                if (id == Keys / 2)
                {
                    store.Drain(TimeSpan.FromSeconds(20));
                    store.Maintain(TimeSpan.FromSeconds(20));
                    Copy(path, Path.Combine(directory, "earlier"));
                }
            }

            store.Drain(TimeSpan.FromSeconds(20));
        }
    }

    private static StoreOptions BaseOptions(string path) => new()
    {
        Directory = path,
        MaximumBytes = 16 << 20,
        MemoryBytes = 1 << 20,
        MaintenanceInterval = TimeSpan.FromHours(1),
    };

    private static void Copy(string from, string to)
    {
        if (Directory.Exists(to))
        {
            Directory.Delete(to, recursive: true);
        }

        Directory.CreateDirectory(to);
        foreach (var path in Directory.EnumerateFiles(from).Where(path => Path.GetFileName(path) is not "lock"))
        {
            File.Copy(path, Path.Combine(to, Path.GetFileName(path)));
        }
    }
}
