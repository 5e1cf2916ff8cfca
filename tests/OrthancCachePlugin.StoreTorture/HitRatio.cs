using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>Replays a trace against the real store and an exact LRU of the same size.</summary>
public static class HitRatio
{
    /// <summary>The shares of requests that were hits.</summary>
    /// <param name="share">The cap as a share of the bytes of all keys.</param>
    public static (double Store, double Lru, long PeakBytes, long Cap) Measure(string directory, string trace, double share, int keys, int requests, int seed)
    {
        long total = 0;
        for (var i = 0; i < keys; i++)
        {
            total += Traces.SizeOf(i);
        }

        var cap = (long)(total * share);
        var lru = new ExactLru(cap);
        using var store = new FasterEntryStore(
            new StoreOptions { Directory = directory, MaximumBytes = cap, MemoryBytes = cap / 8, MaintenanceInterval = TimeSpan.FromHours(1) },
            new ConsoleLog(),
            TimeProvider.System,
            LocalDisk.Instance,
            () => (ulong)seed);
        while (store.GetStatus().State == StoreState.Recovering)
        {
            store.Maintain(TimeSpan.FromSeconds(1));
        }

        long storeHits = 0, lruHits = 0, count = 0, peak = 0;
        foreach (var key in Traces.All[trace](seed, keys, requests))
        {
            count++;
            var size = Traces.SizeOf(key);
            lruHits += lru.Request(key, size) ? 1 : 0;
            var name = BitConverter.GetBytes(key);
            if (store.TryRead(name, out var entry))
            {
                storeHits++;
                entry.Dispose();
            }
            else
            {
                store.TryEnqueue(new Entry(name, new byte[size]));
                store.Drain(TimeSpan.FromSeconds(30));
            }

            if (count % 10_000 == 0)
            {
                peak = Math.Max(peak, store.GetStatus().BytesOnDisk);
            }
        }

        return ((double)storeHits / count, (double)lruHits / count, peak, cap);
    }
}
