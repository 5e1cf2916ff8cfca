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
    private readonly ServerSettings _settings;
    private readonly IEntryStore _store;
    private readonly ICompressor _compressor;
    private readonly TimeProvider _time;
    private readonly ILog _log;
    private readonly AnswerHeaders _headers;
    private readonly SingleFlight _flights = new();
    private readonly RouteCounters _uncounted = new(RouteTable.Parents[0]);
    private readonly KeptAnswers _kept;
    private readonly CompletenessCheck? _isComplete;
    private int _failuresLogged;

    public ResponseCache(
        RequestPolicy policy,
        IResourceVersions versions,
        Epoch epoch,
        ServerSettings settings,
        IEntryStore store,
        ICompressor compressor,
        TimeProvider time,
        ILog log,
        CompletenessCheck? isComplete = null)
    {
        _isComplete = isComplete;
        _policy = policy;
        _versions = new RequestVersions(versions, epoch, time);
        _settings = settings;
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
        var settings = _settings.Current();
        var questions = CoreQueries.CallsOfThisThread;
        var current = _versions.Current(request);
        if (CoreQueries.CallsOfThisThread != questions)
        {
            CountersOf(request).Revalidated();
        }

        if (current.IsTrusted && settings.IsKnown)
        {
            var key = request.Key.WithVersion(settings.Fingerprint, current.Version.Digest);
            var now = Now;
            var validators = ValidatorsOf(request, key, settings, current.Version, now);
            if (TryAnswerNotModified(request, current.Version, Selected(request, key, validators, now), now)
                || (request.IsKept && TryAnswerFromStore(request, key, settings, current.Version, validators, now)))
            {
                if (!request.Exchange.IsWarmUp)
                {
                    Counters.HitLatency.Add(_time.GetElapsedTime(start));
                }

                return;
            }

            AskCoreOnce(request, settings, current, key, validators.Tag);
        }
        else if (!request.Exchange.IsWarmUp || (settings.IsKnown && _versions.WouldBeKept(request, current)))
        {
            using var answer = AskCore(request.Exchange);
            AnswerFromCore(request, settings, current, answer, flight: null);
        }
    }

    /// <summary>Asks the core unless another request is asking the same just now; then its answer serves both.</summary>
    private void AskCoreOnce(
        in CacheRequest request, SettingsState settings, in RequestVersion current, ReadOnlySpan<byte> key, Digest128 digest)
    {
        var flight = _flights.Join(key, digest, out var isLeader);
        if (!isLeader)
        {
            using var shared = flight.Wait(LongestWaitForOthers, out var lastModified);
            if (shared is not null)
            {
                var version = current.Version with { LastModified = lastModified };
                AnswerShared(request, key, settings, version, shared);
                return;
            }
        }

        try
        {
            using var answer = AskCore(request.Exchange);
            AnswerFromCore(request, settings, current, answer, isLeader ? flight : null);
        }
        catch when (isLeader)
        {
            flight.End();
            throw;
        }
    }

    /// <summary>Answers what the core said, with validators and a place in the store where it belongs to one version alone.</summary>
    private void AnswerFromCore(
        in CacheRequest request, SettingsState settings, in RequestVersion before, OriginAnswer answer, Flight? flight)
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

        // Before the version is confirmed, so that what the check saw belongs to that version, too.
        var isComplete = _isComplete is null || !before.IsTrusted || _isComplete(this, request, answer);
        var version = !isComplete ? _versions.Reject(request, before, answer, settings.Since.Seconds)
            : before.Version.IsKnown || answer.IsReadable ? _versions.Confirm(request, before, answer, settings.Since.Seconds)
            : ResourceVersion.Unknown;
        var isTrusted = version.IsKnown && version.IsSettled && _settings.IsStill(settings);
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

        var key = request.Key.WithVersion(settings.Fingerprint, version.Digest);
        var now = Now;
        var validators = isTrusted ? ValidatorsOf(request, key, settings, version, now) : default;
        PendingAnswer? kept = null;
        var refusal = StoreRefusal.None;
        if (isTrusted && request.IsKept
            && (request.Route.Kind != RouteKind.Volatile || version.LastModifiedIsCertain)
            && !_store.Removals.MayHaveTaken(answer.AskedAt, key))
        {
            kept = TryKeep(key, version, answer, flight, now, out refusal);
        }

        try
        {
            if (!TryAnswerCondition(request, validators, now))
            {
                var status = isComplete ? CacheStatus.Of(request, isStale, isTrusted, isKept: kept is not null, refusal) : CacheStatus.Incomplete;
                _headers.Add(request.Exchange, now / PerSecond, validators, status, isComplete);
                request.Exchange.AnswerAsCore(answer);
            }
        }
        finally
        {
            // Written behind the answer, though it was found out before it whether it will be.
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
    private PendingAnswer? TryKeep(
        ReadOnlySpan<byte> key, in ResourceVersion version, OriginAnswer answer, Flight? flight, long now, out StoreRefusal refusal)
    {
        if (!StoredAnswer.CanHold(answer))
        {
            refusal = StoreRefusal.TooLarge;
            return null;
        }

        var pending = new PendingAnswer(key, answer, now, version.LastModified, _compressor, flight, Counters);
        return _store.TryAdmit(pending, out refusal) ? pending : null;
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
