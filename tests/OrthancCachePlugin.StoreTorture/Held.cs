using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>Children that hold a directory while a test does something to it.</summary>
public static class Held
{
    private static readonly byte[] Key = "held"u8.ToArray();

    /// <summary>Opens a store, saves one entry, and waits to be killed.</summary>
    public static int Hold(string directory)
    {
        using var store = Open(directory);
        store.TryEnqueue(new Entry(Key, [1, 2, 3], new DateTimeOffset(2023, 2, 20, 15, 0, 0, TimeSpan.Zero)));
        store.Drain(TimeSpan.FromSeconds(30));
        store.Maintain(TimeSpan.FromSeconds(30));
        Console.WriteLine("works");
        Console.ReadLine();
        return 0;
    }

    /// <summary>Tells what becomes of a store whose directory loses and regains its permissions.</summary>
    public static int Chmod(string directory)
    {
        using var store = Open(directory);
        Console.WriteLine("works");
        Console.ReadLine();
        var value = new byte[100_000];
        for (var id = 0; store.GetStatus().State == StoreState.Working; id++)
        {
            // A new segment needs a new file.
            store.TryEnqueue(new Entry(BitConverter.GetBytes(id), value));
            store.Drain(TimeSpan.FromSeconds(30));
        }

        store.TryRead(BitConverter.GetBytes(0), out _);
        Console.WriteLine("disabled");
        Console.ReadLine();
        TestData.WaitUntilOpen(store);
        store.TryEnqueue(new Entry(Key, [1, 2, 3]));
        store.Drain(TimeSpan.FromSeconds(30));
        Console.WriteLine(store.TryRead(Key, out var entry) && entry.Value.SequenceEqual((byte[])[1, 2, 3]) ? "works" : "does not work");
        Console.ReadLine();
        return 0;
    }

    private static FasterEntryStore Open(string directory)
    {
        var store = new FasterEntryStore(
            new StoreOptions
            {
                Directory = directory,
                MaximumBytes = 16 << 20,
                MemoryBytes = 1 << 20,
                Expiration = TimeSpan.FromDays(36500),
                RetryInterval = TimeSpan.FromMilliseconds(100),
                MaintenanceInterval = TimeSpan.FromMilliseconds(100),
            },
            new ConsoleLog(),
            TimeProvider.System);
        TestData.WaitUntilOpen(store);
        return store;
    }
}
