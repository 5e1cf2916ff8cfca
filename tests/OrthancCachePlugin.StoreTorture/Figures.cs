using System.Diagnostics;
using System.Globalization;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>The figures of the store that are not a matter of right or wrong.</summary>
public static class Figures
{
    /// <summary>Prints hit ratios.</summary>
    /// <returns>Whether the store was at least as good as an exact LRU each time.</returns>
    public static bool Traces(string directory, int keys, int requests)
    {
        var good = true;
        foreach (var trace in StoreTorture.Traces.All.Keys)
        {
            foreach (var share in new[] { 0.05, 0.2 })
            {
                var name = trace + share.ToString(CultureInfo.InvariantCulture);
                var result = HitRatio.Measure(Path.Combine(directory, name), trace, share, keys, requests, seed: 1);
                Console.WriteLine(FormattableString.Invariant(
                    $"{trace}, cap {share:P0} of all bytes: store {result.Store:P2}, exact LRU {result.Lru:P2}; peak {result.PeakBytes >> 10} of {result.Cap >> 10} KiB"));
                good &= result.Store >= result.Lru;
            }
        }

        return good;
    }

    /// <summary>Fills a store, closes it, and times how long it takes to be back.</summary>
    public static bool Recovery(string directory, int mebibytes)
    {
        var options = new StoreOptions { Directory = Path.Combine(directory, "store"), MaximumBytes = (long)mebibytes << 20 };
        using (var store = Open(options))
        {
            for (var id = 0; (long)id * 10_000 < options.MaximumBytes * 1.2; id++)
            {
                Put(store, id, new byte[10_000]);
            }

            store.Drain(TimeSpan.FromMinutes(5));
        }

        var good = true;
        foreach (var cold in new[] { false, true })
        {
            if (cold && !TryDropCaches())
            {
                Console.WriteLine("recovery: caches of the kernel could not be dropped, so there is no cold figure");
                break;
            }

            var start = Stopwatch.GetTimestamp();
            using var store = new FasterEntryStore(options, new ConsoleLog(), TimeProvider.System);
            store.TryRead(BitConverter.GetBytes(1), out var entry);
            entry.Dispose();
            var response = Stopwatch.GetElapsedTime(start);
            TestData.WaitUntilOpen(store);
            var open = Stopwatch.GetElapsedTime(start);
            var status = store.GetStatus();
            Console.WriteLine(FormattableString.Invariant(
                $"recovery, {(cold ? "cold" : "warm")}: {status.BytesOnDisk >> 20} MiB, {status.RecoveredEntries} entries: first response (a miss) after {response.TotalMilliseconds:F1} ms, open after {open.TotalMilliseconds:F0} ms"));
            good &= open < TimeSpan.FromSeconds(cold ? 10 : 2);
        }

        return good;
    }

    /// <summary>Polls the directory while threads write and checkpoints run.</summary>
    public static bool Peak(string directory, int seconds)
    {
        var options = new StoreOptions
        {
            Directory = Path.Combine(directory, "store"),
            MaximumBytes = 64 << 20,
            MemoryBytes = 16 << 20,
            CheckpointInterval = TimeSpan.FromMilliseconds(100),
            MaintenanceInterval = TimeSpan.FromMilliseconds(50),
        };
        using var store = Open(options);
        using var poll = new DiskPoll(options.Directory);
        var end = Deadline.After(TimeSpan.FromSeconds(seconds));
        var threads = Enumerable.Range(0, 4).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            while (!end.IsOver)
            {
                store.TryEnqueue(new Entry(BitConverter.GetBytes(random.Next()), new byte[random.Next(1 << random.Next(8, 22))]));
                store.Drain(TimeSpan.FromMilliseconds(random.Next(3)));
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var status = store.GetStatus();
        Console.WriteLine(FormattableString.Invariant(
            $"peak: {status.Writes} writes, {status.Evictions} evictions, {poll.Polls} polls: at most {poll.Apparent >> 10} KiB apparent and {poll.Allocated >> 10} KiB allocated of {options.MaximumBytes >> 10} KiB"));
        return Math.Max(poll.Apparent, poll.Allocated) <= options.MaximumBytes;
    }

    /// <summary>Memory of this process while threads ask for 8 MB values and bring new ones.</summary>
    public static bool Flood(string directory, int threadCount, int seconds)
    {
        const int size = 8_000_000;
        var options = new StoreOptions { Directory = Path.Combine(directory, "store"), MaximumBytes = 512L << 20 };
        using var store = Open(options);
        var before = Memory("VmRSS");
        for (var id = 0; id < 30; id++)
        {
            Put(store, id, new byte[size]);
        }

        store.Drain(TimeSpan.FromMinutes(1));
        var filled = Memory("VmRSS");
        long hits = 0, misses = 0;
        var end = Deadline.After(TimeSpan.FromSeconds(seconds));
        var threads = Enumerable.Range(0, threadCount).Select(seed => new Thread(() =>
        {
            var random = new Random(seed);
            while (!end.IsOver)
            {
                var id = random.Next(40);
                if (store.TryRead(BitConverter.GetBytes(id), out var entry))
                {
                    Interlocked.Increment(ref hits);
                    entry.Dispose();
                }
                else
                {
                    Interlocked.Increment(ref misses);
                    store.TryEnqueue(new Entry(BitConverter.GetBytes(id), Blank.Value));
                }
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var peak = Memory("VmHWM");
        Console.WriteLine(FormattableString.Invariant(
            $"flood: {threadCount} threads, {hits} hits and {misses} misses of 8 MB: resident {before} MiB empty, {filled} MiB filled, {peak} MiB at the peak"));
        return peak - before < 450;
    }

    /// <summary>Time and allocation of a hit in memory.</summary>
    public static bool Speed(string directory, int rounds = 200_000)
    {
        using var store = Open(new StoreOptions { Directory = Path.Combine(directory, "store") });
        var good = true;
        foreach (var size in new[] { 100, 10_000, 100_000 })
        {
            var key = BitConverter.GetBytes(size);
            Put(store, size, new byte[size]);
            store.Drain(TimeSpan.FromSeconds(10));
            for (var i = 0; i < rounds / 2; i++)
            {
                store.TryRead(key, out var entry);
                entry.Dispose();
            }

            var allocated = GC.GetAllocatedBytesForCurrentThread();
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < rounds; i++)
            {
                store.TryRead(key, out var entry);
                entry.Dispose();
            }

            var time = Stopwatch.GetElapsedTime(start).TotalNanoseconds / rounds;
            var bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)rounds;
            Console.WriteLine(FormattableString.Invariant($"speed: a hit of {size} bytes in memory takes {time:F0} ns and allocates {bytes:F2} bytes"));
            good &= bytes < 1;
        }

        return good;
    }

    /// <summary>Lookups per second of random entries of 5,000 bytes, most of them on disk and all in the page cache of the system.</summary>
    public static bool Lookup(string directory, int entries, int threadCount = 2, int seconds = 4)
    {
        using var store = Open(new StoreOptions { Directory = Path.Combine(directory, "store") });
        for (var id = 0; id < entries; id++)
        {
            Put(store, id, new byte[5_000]);
        }

        store.Drain(TimeSpan.FromMinutes(5));
        for (var turn = 0; turn < 4; turn++)
        {
            long hits = 0;
            var start = Stopwatch.GetTimestamp();
            var end = Deadline.After(TimeSpan.FromSeconds(seconds));
            var threads = Enumerable.Range(0, threadCount).Select(seed => new Thread(() =>
            {
                var random = new Random(seed);
                while (!end.IsOver)
                {
                    if (store.TryRead(BitConverter.GetBytes(random.Next(entries)), out var entry))
                    {
                        Interlocked.Increment(ref hits);
                        entry.Dispose();
                    }
                }
            })).ToList();
            threads.ForEach(thread => thread.Start());
            threads.ForEach(thread => thread.Join());
            Console.WriteLine(FormattableString.Invariant(
                $"lookup: {hits / Stopwatch.GetElapsedTime(start).TotalSeconds:F0} of {entries} entries per second on {threadCount} threads"));
        }

        return true;
    }

    private static FasterEntryStore Open(StoreOptions options)
    {
        var store = new FasterEntryStore(options, new ConsoleLog(), TimeProvider.System);
        TestData.WaitUntilOpen(store);
        return store;
    }

    private static void Put(FasterEntryStore store, int id, byte[] value)
    {
        while (!store.TryEnqueue(new Entry(BitConverter.GetBytes(id), value)))
        {
            store.Drain(TimeSpan.FromSeconds(10));
        }
    }

    private static bool TryDropCaches()
    {
        try
        {
            File.WriteAllText("/proc/sys/vm/drop_caches", "3");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long Memory(string field) =>
        long.Parse(File.ReadLines("/proc/self/status").First(line => line.StartsWith(field, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;

    private static class Blank
    {
        public static byte[] Value { get; } = new byte[8_000_000];
    }
}
