using System.Runtime.CompilerServices;
using OrthancCachePlugin.Core.Archives;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// The way of a request: policy, version, 304 where the client's copy is good, the store, one call to the origin per key, the response,
/// and storing behind the response. Whatever fails on the way, the origin answers. Thread-safe.
/// </summary>
public sealed partial class ResponseCache : IDisposable
{
    private const long PerSecond = 1000;
    private static readonly TimeSpan MaximumWaitForOthers = TimeSpan.FromMinutes(1);

    private readonly RequestPolicy _policy;
    private readonly RequestVersions _versions;
    private readonly ServerSettings _settings;
    private readonly IEntryStore _store;
    private readonly ICompressor _compressor;
    private readonly TimeProvider _time;
    private readonly ILog _log;
    private readonly ResponseHeaders _headers;
    private readonly SingleFlight _flights = new();
    private readonly RouteCounters _uncounted = new(RouteTable.Parents[0]);
    private readonly CachedResponses _cached;
    private readonly CompletenessCheck? _isComplete;
    private readonly ArchiveMaker? _archives;
    private int _failuresLogged;

    public ResponseCache(
        RequestPolicy policy,
        IResourceVersions versions,
        ChangeTracker tracker,
        ServerSettings settings,
        IEntryStore store,
        ICompressor compressor,
        TimeProvider time,
        ILog log,
        CompletenessCheck? isComplete = null,
        ArchiveMaker? archives = null)
    {
        _archives = archives;
        _isComplete = isComplete;
        _policy = policy;
        _versions = new RequestVersions(versions, tracker, time);
        _settings = settings;
        _store = store;
        _compressor = compressor;
        _time = time;
        _log = log;
        _headers = new ResponseHeaders(policy.Options);
        _cached = new CachedResponses(store, compressor, TimeSpan.FromDays(policy.Options.ExpirationDays));
    }

    public ServingCounters Counters { get; } = new();

    /// <summary>What is held, in memory and in the store.</summary>
    internal CachedResponses Kept => _cached;

    /// <summary>Unix milliseconds.</summary>
    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Answers one request.</summary>
    [SkipLocalsInit]
    public void Serve(IExchange exchange)
    {
        if (!RouteTable.TryMatch(exchange.Path, out var match) || exchange.Method is not (HttpMethod.Get or HttpMethod.Post))
        {
            exchange.Forward();
            return;
        }

        try
        {
            if (exchange.Method == HttpMethod.Post)
            {
                if (!IsStreamed(match.Route) || !TryStreamPost(exchange, match))
                {
                    exchange.Forward();
                }

                return;
            }

            Span<byte> buffer = stackalloc byte[RequestKey.MaximumSize];
            var decision = _policy.Read(exchange, match, buffer, out var request);
            if (decision == RequestDecision.Cacheable)
            {
                Serve(request);
            }
            else
            {
                Bypass(exchange, match.Route, CacheStatus.Of(decision));
            }
        }
        catch (Exception failure)
        {
            Counters.Failure();
            if (Interlocked.Exchange(ref _failuresLogged, 1) == 0)
            {
                LogMessages.ServingFailed(_log, failure.GetType().Name);
            }

            // What fails behind the response concerns the client no more.
            if (!exchange.HasResponded)
            {
                Bypass(exchange, match.Route, "response-cache; fwd=bypass; detail=failure\0"u8);
            }
        }
    }

    /// <summary>Forgets what memory holds of resources, by the beginning of their keys; the store is purged by whoever purges it.</summary>
    public void Forget(KeyPrefixes keys)
    {
        _cached.Forget(keys);
        _flights.Forget(keys);
    }

    /// <inheritdoc/>
    public void Dispose() => _cached.Dispose();

    private void Serve(in CacheRequest request)
    {
        var start = _time.GetTimestamp();
        var server = _settings.Current();
        var settings = IsStreamed(request.Route) ? _archives!.Generation.Of(server) : server;
        var questions = OrthancApi.CallsOfThisThread;
        var current = _versions.Current(request);
        if (OrthancApi.CallsOfThisThread != questions)
        {
            CountersOf(request).Revalidated();
        }

        if (current.IsTrusted && settings.IsKnown)
        {
            var key = request.Key.WithVersion(settings.Fingerprint, current.Version.Digest);
            var now = Now;
            var validators = ValidatorsOf(request, key, settings, current.Version, now);
            if (TryRespondNotModified(request, current.Version, Selected(request, key, validators, now), now)
                || (request.IsCached && TryRespondFromCache(request, key, settings, current.Version, validators, now)))
            {
                if (!request.Exchange.IsWarmUp)
                {
                    Counters.HitLatency.Add(_time.GetElapsedTime(start));
                }

                return;
            }

            if (IsStreamed(request.Route) && TryStream(request, server, settings, current))
            {
                return;
            }

            AskOriginOnce(request, server, current, key, validators.Tag);
        }
        else if (!request.Exchange.IsWarmUp || (settings.IsKnown && _versions.WouldBeStored(request, current)))
        {
            if (IsStreamed(request.Route) && TryStream(request, server, settings, current))
            {
                return;
            }

            using var response = AskOrigin(request.Exchange);
            RespondFromOrigin(request, server, current, response, flight: null);
        }
    }

    /// <summary>Asks the origin unless another request is asking the same just now; then its response serves both.</summary>
    private void AskOriginOnce(
        in CacheRequest request, SettingsState settings, in RequestVersion current, ReadOnlySpan<byte> key, Digest128 digest)
    {
        var flight = _flights.Join(key, digest, out var isLeader);
        if (!isLeader)
        {
            using var shared = flight.Wait(MaximumWaitForOthers, out var lastModified);
            if (shared is not null)
            {
                var version = current.Version with { LastModified = lastModified };
                RespondShared(request, key, settings, version, shared);
                return;
            }
        }

        try
        {
            using var response = AskOrigin(request.Exchange);
            RespondFromOrigin(request, settings, current, response, isLeader ? flight : null);
        }
        catch when (isLeader)
        {
            flight.End();
            throw;
        }
    }

    /// <summary>Answers what the origin said, with validators and a place in the store where it belongs to one version alone.</summary>
    private void RespondFromOrigin(
        in CacheRequest request, SettingsState settings, in RequestVersion before, OriginResponse response, Flight? flight)
    {
        if (!response.IsSuccess)
        {
            Count(request, isStale: false);
            flight?.End();
            request.Exchange.RespondAsOrigin(response);
            return;
        }

        var isStale = _versions.IsStale(request, before.Version.Digest);
        Count(request, isStale);

        // Before the version is confirmed, so that what the check saw belongs to that version, too.
        var isComplete = _isComplete is null || !before.IsTrusted || _isComplete(this, request, response);
        var version = !isComplete ? _versions.Reject(request, before, response, settings.Since.Seconds)
            : before.Version.IsKnown || response.IsReadable ? _versions.Confirm(request, before, response, settings.Since.Seconds)
            : ResourceVersion.Unknown;
        var isTrusted = version.IsKnown && version.IsSettled && _settings.IsStill(settings);
        if (isTrusted && version.Digest == before.Version.Digest)
        {
            flight?.Publish(response, version.LastModified);
        }
        else
        {
            // Those who wait have validated another version than this one.
            flight?.End();
            flight = null;
        }

        if (isTrusted)
        {
            _versions.Succeeded(request, version);
        }

        var key = request.Key.WithVersion(settings.Fingerprint, version.Digest);
        var now = Now;
        var validators = isTrusted ? ValidatorsOf(request, key, settings, version, now) : default;
        PendingResponse? kept = null;
        var rejection = StoreRejection.None;
        if (isTrusted && request.IsCached
            && (request.Route.Kind != RouteKind.Volatile || version.LastModifiedIsCertain)
            && !_store.Removals.MayHaveRemoved(response.AskedAt, key))
        {
            kept = TryStore(key, version, response, flight, now, out rejection);
        }

        try
        {
            if (!TryRespondNotModifiedNow(request, validators, now))
            {
                var status = isComplete ? CacheStatus.Of(request, isStale, isTrusted, isStored: kept is not null, rejection) : CacheStatus.Incomplete;
                _headers.Add(request.Exchange, now / PerSecond, validators, status, isComplete);
                request.Exchange.RespondAsOrigin(response);
            }
        }
        finally
        {
            // Written behind the response, though it was found out before it whether it will be.
            if (kept is not null)
            {
                _store.Enqueue(kept);
            }
            else
            {
                flight?.End();
            }
        }
    }

    /// <summary>What the store will write once it is told to; null where it refuses.</summary>
    private PendingResponse? TryStore(
        ReadOnlySpan<byte> key, in ResourceVersion version, OriginResponse response, Flight? flight, long now, out StoreRejection rejection)
    {
        if (!StoredResponse.CanHold(response))
        {
            rejection = StoreRejection.TooLarge;
            return null;
        }

        var pending = new PendingResponse(key, response, now, version.LastModified, _compressor, flight, Counters);
        return _store.TryAdmit(pending, out rejection) ? pending : null;
    }

    /// <summary>One more response of the origin.</summary>
    private void Count(in CacheRequest request, bool isStale)
    {
        if (request.IsCached)
        {
            CountersOf(request).Miss(isStale);
        }
        else
        {
            CountersOf(request).Bypass();
        }
    }

    /// <summary>Where a request is counted; what warms up is no request of a client.</summary>
    private RouteCounters CountersOf(in CacheRequest request) =>
        request.Exchange.IsWarmUp ? _uncounted : Counters.Of(request.Route);

    private void Bypass(IExchange exchange, Route route, ReadOnlySpan<byte> status)
    {
        Counters.Of(route).Bypass();
        if (IsStreamed(route) && RouteTable.TryMatch(exchange.Path, out var match) && ResourceId.TryParse(match.Id, out var id))
        {
            var resource = new Resource(match.Level, id);
            if (TryStream(exchange, resource, FileQuery(exchange), FileName(exchange, resource), isBare: false, status))
            {
                return;
            }
        }

        using var response = AskOrigin(exchange);
        if (response.IsSuccess)
        {
            _headers.Add(exchange, Now / PerSecond, default, status);
        }

        exchange.RespondAsOrigin(response);
    }
}
