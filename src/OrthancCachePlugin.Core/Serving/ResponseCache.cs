using System.Runtime.CompilerServices;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Events;
using OrthancCachePlugin.Core.Hashing;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Policy;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Versions;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// The way of a request: policy, version, 304 where the client's copy is good, the store, one call to the core per key, the answer,
/// and storing behind the answer. Whatever fails on the way, the core answers. Thread-safe.
/// </summary>
public sealed partial class ResponseCache : IDisposable
{
    private const long PerSecond = 1000;
    private static readonly TimeSpan LongestWaitForOthers = TimeSpan.FromMinutes(1);

    private readonly RequestPolicy _policy;
    private readonly RequestVersions _versions;
    private readonly IEntryStore _store;
    private readonly ICompressor _compressor;
    private readonly TimeProvider _time;
    private readonly ILog _log;
    private readonly AnswerHeaders _headers;
    private readonly SingleFlight _flights = new();
    private readonly RouteCounters _uncounted = new(RouteTable.Parents[0]);
    private readonly KeptAnswers _kept;
    private int _failuresLogged;

    public ResponseCache(
        RequestPolicy policy,
        IResourceVersions versions,
        Epoch epoch,
        IEntryStore store,
        ICompressor compressor,
        TimeProvider time,
        ILog log)
    {
        _policy = policy;
        _versions = new RequestVersions(versions, epoch, time);
        _store = store;
        _compressor = compressor;
        _time = time;
        _log = log;
        _headers = new AnswerHeaders(policy.Options);
        _kept = new KeptAnswers(store, compressor, TimeSpan.FromDays(policy.Options.ExpirationDays));
    }

    public ServingCounters Counters { get; } = new();

    /// <summary>What is held, in memory and in the store.</summary>
    internal KeptAnswers Kept => _kept;

    /// <summary>Unix milliseconds.</summary>
    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Answers one request.</summary>
    [SkipLocalsInit]
    public void Serve(IExchange exchange)
    {
        if (exchange.Method != HttpMethod.Get || !RouteTable.TryMatch(exchange.Path, out var match))
        {
            exchange.Forward();
            return;
        }

        try
        {
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

            // What fails behind the answer concerns the client no more.
            if (!exchange.IsAnswered)
            {
                Bypass(exchange, match.Route, "response-cache; fwd=bypass; detail=failure\0"u8);
            }
        }
    }

    /// <summary>Forgets what memory holds of resources, by the beginning of their keys; the store is purged by whoever purges it.</summary>
    public void Forget(KeyPrefixes keys)
    {
        _kept.Forget(keys);
        _flights.Forget(keys);
    }

    /// <inheritdoc/>
    public void Dispose() => _kept.Dispose();

    private void Serve(in CacheRequest request)
    {
        var start = _time.GetTimestamp();
        var questions = CoreQueries.CallsOfThisThread;
        var current = _versions.Current(request);
        if (CoreQueries.CallsOfThisThread != questions)
        {
            CountersOf(request).Revalidated();
        }

        if (current.IsTrusted)
        {
            var key = request.Key.WithVersion(_policy.Options.Fingerprint, current.Version.Digest);
            var now = Now;
            var validators = ValidatorsOf(request, key, current.Version, now);
            if (TryAnswerNotModified(request, current.Version, Selected(request, key, validators, now), now)
                || (request.IsKept && TryAnswerFromStore(request, key, current.Version, validators, now)))
            {
                if (!request.Exchange.IsWarmUp)
                {
                    Counters.HitLatency.Add(_time.GetElapsedTime(start));
                }

                return;
            }

            AskCoreOnce(request, current, key, validators.Tag);
        }
        else if (!request.Exchange.IsWarmUp || _versions.WouldBeKept(request, current))
        {
            using var answer = AskCore(request.Exchange);
            AnswerFromCore(request, current, answer, flight: null);
        }
    }

    /// <summary>Asks the core unless another request is asking the same just now; then its answer serves both.</summary>
    private void AskCoreOnce(in CacheRequest request, in RequestVersion current, ReadOnlySpan<byte> key, Digest128 digest)
    {
        var flight = _flights.Join(key, digest, out var isLeader);
        if (!isLeader)
        {
            using var shared = flight.Wait(LongestWaitForOthers, out var lastModified);
            if (shared is not null)
            {
                var version = current.Version with { LastModified = lastModified };
                AnswerShared(request, key, version, shared);
                return;
            }
        }

        try
        {
            using var answer = AskCore(request.Exchange);
            AnswerFromCore(request, current, answer, isLeader ? flight : null);
        }
        catch when (isLeader)
        {
            flight.End();
            throw;
        }
    }

    /// <summary>Answers what the core said, with validators and a place in the store where it belongs to one version alone.</summary>
    private void AnswerFromCore(in CacheRequest request, in RequestVersion before, OriginAnswer answer, Flight? flight)
    {
        if (!answer.IsSuccess)
        {
            Count(request, isStale: false);
            flight?.End();
            request.Exchange.AnswerAsCore(answer);
            return;
        }

        var isStale = _versions.IsStale(request, before.Version.Digest);
        Count(request, isStale);
        var version = before.Version.IsKnown || answer.IsReadable
            ? _versions.Confirm(request, before, answer)
            : ResourceVersion.Unknown;
        var isTrusted = version.IsKnown && version.IsSettled;
        if (isTrusted && version.Digest == before.Version.Digest)
        {
            flight?.Publish(answer, version.LastModified);
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

        var key = request.Key.WithVersion(_policy.Options.Fingerprint, version.Digest);
        var now = Now;
        var validators = isTrusted ? ValidatorsOf(request, key, version, now) : default;
        var isKept = isTrusted && request.IsKept && StoredAnswer.CanHold(answer)
            && (request.Route.Kind != RouteKind.Volatile || version.LastModifiedIsCertain)
            && !_store.Removals.MayHaveTaken(answer.AskedAt, key);
        if (!TryAnswerCondition(request, validators, now))
        {
            _headers.Add(request.Exchange, now / PerSecond, validators, CacheStatus.Of(request, isStale, isTrusted, isKept));
            request.Exchange.AnswerAsCore(answer);
        }

        if (isKept)
        {
            Keep(key, version, answer, flight);
        }
        else
        {
            flight?.End();
        }
    }

    private void Keep(ReadOnlySpan<byte> key, in ResourceVersion version, OriginAnswer answer, Flight? flight)
    {
        var createdAt = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _store.TryEnqueue(new PendingAnswer(key, answer, createdAt, version.LastModified, _compressor, flight, Counters));
    }

    /// <summary>One more answer of the core.</summary>
    private void Count(in CacheRequest request, bool isStale)
    {
        if (request.IsKept)
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
        using var answer = AskCore(exchange);
        if (answer.IsSuccess)
        {
            _headers.Add(exchange, Now / PerSecond, default, status);
        }

        exchange.AnswerAsCore(answer);
    }
}
