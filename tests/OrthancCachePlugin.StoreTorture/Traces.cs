namespace OrthancCachePlugin.StoreTorture;

/// <summary>Sequences of keys, the same for the same seed.</summary>
public static class Traces
{
    /// <summary>The traces by name.</summary>
    public static IReadOnlyDictionary<string, Func<int, int, int, IEnumerable<int>>> All { get; } =
        new Dictionary<string, Func<int, int, int, IEnumerable<int>>>(StringComparer.Ordinal)
        {
            ["zipf 0.8"] = (seed, keys, requests) => Zipf(seed, keys, requests, 0.8),
            ["zipf 1.0"] = (seed, keys, requests) => Zipf(seed, keys, requests, 1.0),
            ["zipf 0.8 drifting"] = Drifting,
            ["zipf 0.8 with scans"] = WithScans,
        };

    /// <summary>A size for each key: log-uniform between 200 bytes and 64 KiB.</summary>
    public static int SizeOf(int key)
    {
        var fraction = ((uint)(key * 2654435761L) >> 8) / (double)(1 << 24);
        return (int)(200 * Math.Pow(64.0 * 1024 / 200, fraction));
    }

    private static IEnumerable<int> Zipf(int seed, int keys, int requests, double exponent)
    {
        var random = new Random(seed);
        var sums = Sums(keys, exponent);
        var names = Enumerable.Range(0, keys).ToArray();
        random.Shuffle(names);
        for (var i = 0; i < requests; i++)
        {
            yield return names[Rank(random, sums)];
        }
    }

    /// <summary>What is popular changes: every hundredth of the trace, a fiftieth of the names swaps its rank.</summary>
    private static IEnumerable<int> Drifting(int seed, int keys, int requests)
    {
        var random = new Random(seed);
        var sums = Sums(keys, 0.8);
        var names = Enumerable.Range(0, keys).ToArray();
        random.Shuffle(names);
        for (var i = 0; i < requests; i++)
        {
            if (i % (requests / 100) == 0)
            {
                for (var swap = 0; swap < keys / 50; swap++)
                {
                    var (a, b) = (random.Next(keys), random.Next(keys));
                    (names[a], names[b]) = (names[b], names[a]);
                }
            }

            yield return names[Rank(random, sums)];
        }
    }

    /// <summary>Ten times during the trace somebody walks once through keys that nobody asks for again.</summary>
    private static IEnumerable<int> WithScans(int seed, int keys, int requests)
    {
        var scanned = keys;
        var done = 0;
        foreach (var key in Zipf(seed, keys, requests, 0.8))
        {
            if (++done % (requests / 10) == 0)
            {
                for (var i = 0; i < requests / 25; i++)
                {
                    yield return scanned++;
                }
            }

            yield return key;
        }
    }

    private static double[] Sums(int keys, double exponent)
    {
        var sums = new double[keys];
        var sum = 0.0;
        for (var i = 0; i < keys; i++)
        {
            sum += 1 / Math.Pow(i + 1, exponent);
            sums[i] = sum;
        }

        return sums;
    }

    private static int Rank(Random random, double[] sums)
    {
        var index = Array.BinarySearch(sums, random.NextDouble() * sums[^1]);
        return Math.Min(index < 0 ? ~index : index, sums.Length - 1);
    }
}
