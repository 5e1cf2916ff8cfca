using BenchmarkDotNet.Attributes;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Benchmarks;

/// <summary>Reading an entry from the store: rent, look up, verify, copy out, give back.</summary>
public class StoreBenchmarks
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orthanc-response-cache-micro.").FullName;
    private readonly byte[] _small = [1, .. new byte[95]];
    private readonly byte[] _medium = [2, .. new byte[95]];
    private readonly byte[] _absent = [3, .. new byte[95]];
    private FasterEntryStore _store = null!;

    [GlobalSetup]
    public void Start()
    {
        _store = new FasterEntryStore(
            new StoreOptions { Directory = _directory, MaximumBytes = 256 << 20 }, new SilentLog(), TimeProvider.System);
        for (var i = 0; i < 100 && !(Holds(_small) && Holds(_medium)); i++)
        {
            Samples.Pause(); // it opens on a thread of its own
            _store.TryEnqueue(new BytesEntry(_small, 2_000));
            _store.TryEnqueue(new BytesEntry(_medium, 50_000));
            _store.Drain(TimeSpan.FromSeconds(5));
        }
    }

    [GlobalCleanup]
    public void Stop()
    {
        _store.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark]
    public int Read2KB() => Read(_small);

    [Benchmark]
    public int Read50KB() => Read(_medium);

    [Benchmark]
    public bool Absent() => Holds(_absent);

    private bool Holds(byte[] key)
    {
        if (!_store.TryRead(key, out var entry))
        {
            return false;
        }

        entry.Dispose();
        return true;
    }

    private int Read(byte[] key)
    {
        if (!_store.TryRead(key, out var entry))
        {
            throw new InvalidOperationException("The entry is gone.");
        }

        using (entry)
        {
            return entry.Value.Length;
        }
    }
}
