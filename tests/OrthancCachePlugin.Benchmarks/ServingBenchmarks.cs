using BenchmarkDotNet.Attributes;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Benchmarks;

/// <summary>
/// Whole requests through the pipeline, with a real store and an exchange that costs nothing. The column "Allocated" is the goal:
/// nothing for a small hit and for a 304.
/// </summary>
public class ServingBenchmarks
{
    private readonly string _directory = Directory.CreateTempSubdirectory("orthanc-response-cache-micro.").FullName;
    private FasterEntryStore _store = null!;
    private ResponseCache _cache = null!;
    private BenchmarkExchange _small = null!;
    private BenchmarkExchange _notModified = null!;
    private BenchmarkExchange _large = null!;
    private BenchmarkExchange _largeZstd = null!;

    [GlobalSetup]
    public void Start()
    {
        var time = TimeProvider.System;
        var log = new SilentLog();
        var tracker = new ChangeTracker();
        _store = new FasterEntryStore(new StoreOptions { Directory = _directory, MaximumBytes = 256 << 20 }, log, time);
        var versions = new ResourceVersions(
            new OrthancApi(new SteadyOrigin()), tracker, new MutationLog(), time, new VersionSettings { LastUpdateMovesOnDelete = true });
        var settings = new ServerSettings(new OrthancApi(new SteadyOrigin()), tracker, time, default, new SettingsFile(_directory, "settings", _store), later => later());
        _cache = new ResponseCache(new RequestPolicy(new PolicyOptions()), versions, tracker, settings, _store, new ZstdCompressor(), time, log);

        _small = new BenchmarkExchange(Samples.SmallPath, Samples.SmallBody());
        _large = new BenchmarkExchange(Samples.LargePath, Samples.LargeBody());
        _largeZstd = new BenchmarkExchange(Samples.LargePath, Samples.LargeBody(), (RequestHeader.AcceptEncoding, "zstd"));
        WaitForHit(_small);
        WaitForHit(_large);
        WaitForHit(_largeZstd);
        _small.KeepsTag = true;
        _cache.Serve(_small);
        _small.KeepsTag = false;
        _notModified = new BenchmarkExchange(Samples.SmallPath, [], (RequestHeader.IfNoneMatch, _small.Tag));
        if (NotModified() != 0 || !_notModified.WasNotModified)
        {
            throw new InvalidOperationException("The tag is not recognised.");
        }
    }

    [GlobalCleanup]
    public void Stop()
    {
        _store.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Benchmark]
    public int HitSmall() => Serve(_small);

    [Benchmark]
    public int NotModified() => Serve(_notModified);

    [Benchmark]
    public int HitLargeIdentity() => Serve(_large);

    [Benchmark]
    public int HitLargeZstd() => Serve(_largeZstd);

    private int Serve(BenchmarkExchange exchange)
    {
        exchange.Reset();
        _cache.Serve(exchange);
        return exchange.AskedCore ? throw new InvalidOperationException("Not a hit.") : exchange.BodySize;
    }

    /// <summary>What was computed at the start is too young to be stored; what is stored is written behind the response.</summary>
    private void WaitForHit(BenchmarkExchange exchange)
    {
        for (var i = 0; i < 100; i++)
        {
            exchange.Reset();
            _cache.Serve(exchange);
            if (!exchange.AskedCore)
            {
                return;
            }

            _store.Drain(TimeSpan.FromSeconds(5));
            Samples.Pause();
        }

        throw new InvalidOperationException("It never becomes a hit.");
    }
}
