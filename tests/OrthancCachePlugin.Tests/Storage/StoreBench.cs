using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Tests.Fakes;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>A small store in a directory of its own, with a clock that stands still.</summary>
internal sealed class StoreBench : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory directory = new();
    private readonly ConcurrentQueue<MemoryEntry> given = new();
    private FasterEntryStore? store;
    private ulong identity = 1;

    public StoreBench()
    {
        Options = new StoreOptions
        {
            Directory = directory.Store,
            MaximumBytes = 16 << 20,
            MemoryBytes = 1 << 20,
            QueueBytes = 16 << 20,
            MaintenanceInterval = TimeSpan.FromSeconds(10),
            CheckpointInterval = TimeSpan.FromSeconds(10),
            RetryInterval = TimeSpan.FromMilliseconds(50),
        };
    }

    public StoreOptions Options { get; set; }

    public ListLog Log { get; } = new();

    public FakeTimeProvider Time { get; } = FakeClock.Create();

    public IDisk Disk { get; set; } = LocalDisk.Instance;

    public string DirectoryPath => directory.Store;

    public FasterEntryStore Store => store ?? throw new InvalidOperationException("The store is closed.");

    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public static byte[] Key(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Bytes that belong to a key and to no other.</summary>
    public static byte[] ValueOf(string key, int size)
    {
        var value = new byte[size];
        new Random(string.GetHashCode(key, StringComparison.Ordinal) ^ size).NextBytes(value);
        return value;
    }

    public FasterEntryStore Open()
    {
        BeginOpen();
        WaitFor(StoreState.Working);
        return Store;
    }

    public FasterEntryStore BeginOpen()
    {
        Close();
        store = new FasterEntryStore(Options, Log, Time, Disk, () => identity++);
        return store;
    }

    public void Close()
    {
        store?.Dispose();
        store = null;
    }

    /// <summary>Closes the store, and changes the files before it is opened again.</summary>
    public FasterEntryStore Reopen(Action? between = null)
    {
        Close();
        between?.Invoke();
        return Open();
    }

    public void WaitFor(StoreState state) => WaitUntil(() => Store.GetStatus().State == state, $"{state}");

    public void WaitUntil(Func<bool> condition, string what)
    {
        var deadline = Deadline.After(Timeout);
        while (!condition())
        {
            if (deadline.IsOver)
            {
                throw new TimeoutException($"Waited for {what}; {Store.GetStatus()}; log: {string.Join(" | ", Log.Lines)}");
            }

            Store.Maintain(TimeSpan.FromMilliseconds(200));
            Thread.Yield();
        }
    }

    /// <summary>Waits for a line of the log, with the store closed or not.</summary>
    public void WaitUntilLogged(int number)
    {
        var deadline = Deadline.After(Timeout);
        while (Log.Count(number) == 0)
        {
            if (deadline.IsOver)
            {
                throw new TimeoutException($"Waited for line {number}; log: {string.Join(" | ", Log.Lines)}");
            }

            Thread.Yield();
        }
    }

    /// <summary>Whether the store has disposed of every entry that it was given.</summary>
    public bool HasNoEntryLeft => given.All(static entry => entry.IsDisposed);

    public bool Put(string key, byte[] value, long? createdAt = null) => Put(Store, key, value, createdAt);

    public bool Put(FasterEntryStore to, string key, byte[] value, long? createdAt = null)
    {
        var entry = new MemoryEntry(Key(key), value, createdAt ?? Now);
        given.Enqueue(entry);
        return to.TryEnqueue(entry);
    }

    /// <summary>Puts an entry and waits until it is written.</summary>
    public void PutNow(string key, byte[] value, long? createdAt = null)
    {
        if (!Put(key, value, createdAt) || !Store.Drain(Timeout))
        {
            throw new InvalidOperationException("The entry was not taken.");
        }
    }

    public byte[]? Get(string key)
    {
        if (!Store.TryRead(Key(key), out var entry))
        {
            return null;
        }

        using (entry)
        {
            return entry.Value.ToArray();
        }
    }

    /// <summary>A checkpoint, and whatever else is due.</summary>
    public void Maintain() => Store.Maintain(Timeout);

    public void Dispose()
    {
        Close();
        directory.Dispose();
    }
}
