using System.Buffers;
using System.Runtime.CompilerServices;
using OrthancCachePlugin.Core.Archives;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Tags;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>The way of a request. Whatever fails on it, the origin answers. Thread-safe.</summary>
/// <remarks>
/// <list type="number">
/// <item>Policy: is it a request of ours, and what is its key?</item>
/// <item>Freshness: which version of the resource must the response have?</item>
/// <item>Preconditions: 304 where the client has what a 200 would carry (RFC 9110 section 13).</item>
/// <item>Memory and store: a hit.</item>
/// <item>Origin: one call per key; the response is sent, then stored, if the version is still the same. An archive is sent while it is read.</item>
/// </list>
/// </remarks>
public sealed class ResponseCache : IDisposable
{
    private const long PerSecond = 1000;
    private const int MaximumTarget = 16 * 1024;
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
    private readonly CachedResponses _cached;
    private readonly CompletenessCheck? _isComplete;
    private readonly ArchiveMaker? _archives;
    private readonly DerivedTags? _tags;
    private readonly TagsCheck? _tagsCheck;
    private int _failuresLogged;

    public ResponseCache(
        RequestPolicy policy,
        ResourceVersions versions,
        ChangeTracker tracker,
        ServerSettings settings,
        IEntryStore store,
        ICompressor compressor,
        TimeProvider time,
        ILog log,
        CompletenessCheck? isComplete = null,
        ArchiveMaker? archives = null,
        DerivedTags? tags = null,
        TagsCheck? tagsCheck = null)
    {
        _tags = tags;
        _tagsCheck = tagsCheck;
        _archives = archives;
        _isComplete = isComplete;
        _policy = policy;
        _versions = new RequestVersions(versions, tracker, time);
        _settings = settings;
        _store = store;
        _compressor = compressor;
        _time = time;
        _log = log;
        _headers = new ResponseHeaders(policy.Options.ExpirationDays, policy.Options.CacheControl, policy.Options.IsPrivate);
        _cached = new CachedResponses(store, compressor, TimeSpan.FromDays(policy.Options.ExpirationDays));
    }

    public ServingCounters Counters { get; } = new();

    internal DerivedTags? Tags => _tags;

    /// <summary>What is cached, in memory and in the store.</summary>
    internal CachedResponses Cached => _cached;

    private long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    [SkipLocalsInit]
    public CacheOutcome Serve(IExchange exchange)
    {
        if (!RouteTable.TryMatch(exchange.Path, out var match)
            || (exchange.Method != HttpMethod.Get && !(exchange.Method == HttpMethod.Post && IsStreamed(match.Route))))
        {
            exchange.Forward();
            return new CacheOutcome(CacheResult.Forwarded);
        }

        CacheOutcome outcome;
        try
        {
            if (exchange.Method == HttpMethod.Post)
            {
                if (!TryStream(exchange, outcome: null))
                {
                    exchange.Forward();
                }

                return new CacheOutcome(CacheResult.Forwarded);
            }

            Span<byte> buffer = stackalloc byte[RequestKey.MaximumSize];
            var decision = _policy.Read(exchange, match, buffer, out var request);
            outcome = decision == RequestDecision.Cacheable ? Serve(request) : Bypass(exchange, DetailOf(decision));
        }
        catch (Exception failure)
        {
            Counters.Failure();
            if (Interlocked.Exchange(ref _failuresLogged, 1) == 0)
            {
                LogMessages.ServingFailed(_log, failure.GetType().Name);
            }

            // What fails after the response concerns the client no more.
            outcome = exchange.HasResponded ? new CacheOutcome(CacheResult.Bypass, CacheDetail.Failure) : Bypass(exchange, CacheDetail.Failure);
        }

        if (!exchange.IsWarmUp)
        {
            Counters.Of(match.Route).Count(outcome);
        }

        return outcome;
    }

    /// <summary>Removes resources from memory, by the beginning of their keys; purging the store is left to the caller.</summary>
    public void Forget(KeyPrefixes keys)
    {
        _cached.Forget(keys);
        _flights.Forget(keys);
        _tags?.Forget(keys);
    }

    public void Dispose()
    {
        _cached.Dispose();
        _tags?.Dispose();
        SharedBuffer.FreeIdle();
    }

    private CacheOutcome Serve(in CacheRequest request)
    {
        var start = _time.GetTimestamp();
        var settings = _settings.Current();
        settings = IsStreamed(request.Route) ? _archives!.Generation.Of(settings)
            : _tagsCheck is not null && DerivedTags.IsDerivable(request.Route) ? _tagsCheck.Of(settings)
            : settings;
        var current = _versions.Current(request);
        var outcome = current.IsTrusted && settings.IsKnown ? ServeVersion(request, settings, current) : ServeUnsettled(request, settings, current);
        if (outcome is { Result: CacheResult.Hit, Detail: CacheDetail.None } && !request.Exchange.IsWarmUp)
        {
            Counters.HitLatency.Add(_time.GetElapsedTime(start));
        }

        return outcome with { WasRevalidated = current.Version.WasRevalidated };
    }

    private CacheOutcome ServeVersion(in CacheRequest request, SettingsState settings, in RequestVersion current)
    {
        var key = request.Key.WithVersion(settings.Fingerprint, current.Version.Digest);
        var now = Now;
        var lastModified = _versions.DateOf(request, current.Version, settings.Since);
        var validators = ValidatorsOf(request, key, settings, lastModified, now);
        return TryRespondNotModified(request, key, validators, hasSucceeded: lastModified is not null, now, out var outcome)
            || (request.IsCached && TryRespondFromCache(request, key, settings, current.Version, validators, lastModified, now, out outcome))
            || (IsStreamed(request.Route) && TryStream(request, settings, current, out outcome))
            ? outcome
            : RespondFromFlight(request, settings, current, key, validators.Tag);
    }

    /// <summary>The response belongs to no known version. A warm-up asks only where it may be stored nevertheless.</summary>
    private CacheOutcome ServeUnsettled(in CacheRequest request, SettingsState settings, in RequestVersion current)
    {
        if (request.Exchange.IsWarmUp && !(settings.IsKnown && _versions.WouldBeStored(request, current)))
        {
            return new CacheOutcome(CacheResult.Miss, CacheDetail.Unsettled);
        }

        if (IsStreamed(request.Route) && TryStream(request, settings, current, out var outcome))
        {
            return outcome;
        }

        using var response = AskOrigin(request.Exchange);
        return RespondFromOrigin(request, settings, current, response, flight: null);
    }

    /// <summary>304 before the store is read. A date or <c>*</c> is good only where there would be a 200 (RFC 9110 section 13.2.1).</summary>
    private bool TryRespondNotModified(
        in CacheRequest request, ReadOnlySpan<byte> key, in Validators validators, bool hasSucceeded, long now, out CacheOutcome outcome)
    {
        outcome = new CacheOutcome(CacheResult.Hit) { IsNotModified = true };
        var selected = Selected(request, key, validators, now);
        var precondition = selected.EvaluatePreconditions(request.Exchange);
        var isMatch = precondition == PreconditionResult.MatchedByTag
            || (precondition == PreconditionResult.MatchedByDate && hasSucceeded);
        if (isMatch)
        {
            RespondNotModified(request.Exchange, selected, outcome, now);
        }

        return isMatch;
    }

    /// <summary>The validators of what <see cref="TryRespondFromCache"/> would send, or of a miss where it finds nothing.</summary>
    private Validators Selected(in CacheRequest request, ReadOnlySpan<byte> key, in Validators validators, long now)
    {
        var isConditional = request.Exchange.TryGetHeader(RequestHeader.IfNoneMatch, out _)
            || request.Exchange.TryGetHeader(RequestHeader.IfModifiedSince, out _);
        return isConditional && request.IsCached && request.WantedCoding != ContentCoding.Identity
            ? Coded(request, validators, _cached.CodingOf(key, validators.Tag, request.WantedCoding, now))
            : validators;
    }

    private bool TryRespondFromCache(
        in CacheRequest request,
        ReadOnlySpan<byte> key,
        SettingsState settings,
        in ResourceVersion version,
        Validators validators,
        long? lastModified,
        long now,
        out CacheOutcome outcome)
    {
        outcome = new CacheOutcome(CacheResult.Hit);
        if (!_cached.TryFind(key, validators.Tag, request.WantedCoding, now, out var response))
        {
            return false;
        }

        try
        {
            if (lastModified is null)
            {
                lastModified = _versions.DateFound(request, version, response.Stored.LastModified, settings.Since);
                validators = ValidatorsOf(request, key, settings, lastModified, now);
            }

            validators = Coded(request, validators, response.Coding);
            if (validators.EvaluatePreconditions(request.Exchange) != PreconditionResult.None)
            {
                outcome = outcome with { IsNotModified = true };
                RespondNotModified(request.Exchange, validators, outcome, now);
            }
            else
            {
                outcome = outcome with { SavedMicroseconds = response.Stored.CostMicroseconds };
                _headers.Add(request.Exchange, now / PerSecond, validators, outcome);
                Respond(request.Exchange, response);
            }

            return true;
        }
        finally
        {
            response.Dispose();
        }
    }

    private static void Respond(IExchange exchange, in CachedResponse response)
    {
        if (response.Stored.ContentDisposition.Length > 1)
        {
            exchange.AddHeader("Content-Disposition\0"u8, response.Stored.ContentDisposition);
        }

        if (response.Coding != ContentCoding.Identity)
        {
            exchange.RespondEncoded(response.Stored.ContentType, response.Coding == ContentCoding.Gzip ? "gzip\0"u8 : "zstd\0"u8, response.Body);
            return;
        }

        if (response.Stored.ContentEncoding.Length > 1)
        {
            exchange.AddHeader("Content-Encoding\0"u8, response.Stored.ContentEncoding);
        }

        exchange.Respond(response.Stored.ContentType, response.Body);
    }

    /// <summary>Asks the origin unless another request is asking the same just now; then its response serves both.</summary>
    private CacheOutcome RespondFromFlight(
        in CacheRequest request, SettingsState settings, in RequestVersion current, ReadOnlySpan<byte> key, Digest128 digest)
    {
        var flight = _flights.Join(key, digest, out var isLeader);
        if (!isLeader)
        {
            using var shared = flight.Wait(MaximumWaitForOthers);
            if (shared is not null)
            {
                return RespondShared(request, key, settings, current.Version, shared);
            }
        }

        try
        {
            using var response = AskOrigin(request, settings, current.Version);
            return RespondFromOrigin(request, settings, current, response, isLeader ? flight : null);
        }
        catch when (isLeader)
        {
            flight.End();
            throw;
        }
    }

    /// <summary>Sends what another request for the same version has just got.</summary>
    private CacheOutcome RespondShared(
        in CacheRequest request, ReadOnlySpan<byte> key, SettingsState settings, in ResourceVersion version, OriginResponse response)
    {
        var now = Now;
        var validators = ValidatorsOf(request, key, settings, _versions.DateOf(request, version, settings.Since), now);
        var outcome = new CacheOutcome(CacheResult.Hit, CacheDetail.Collapsed) { SavedMicroseconds = response.CostMicroseconds };
        return RespondAsOrigin(request.Exchange, response, validators, outcome, now);
    }

    /// <summary>Sends what the origin answered, and stores it where it belongs to one version alone.</summary>
    private CacheOutcome RespondFromOrigin(
        in CacheRequest request, SettingsState settings, in RequestVersion before, OriginResponse response, Flight? flight)
    {
        var isStale = _versions.IsStale(request, before.Version.Digest);
        var outcome = new CacheOutcome(!request.IsCached ? CacheResult.Bypass : isStale ? CacheResult.Stale : CacheResult.Miss);
        if (!response.IsSuccess)
        {
            flight?.End();
            request.Exchange.RespondAsOrigin(response);
            return outcome with { Detail = CacheDetail.OriginError };
        }

        // Before the version is confirmed, so that what the check saw belongs to that version, too.
        var derived = response as DerivedResponse;
        var isComplete = derived is not null || _isComplete is null || !before.IsTrusted || _isComplete(this, request, response);
        var version = isComplete && (before.Version.IsKnown || response.IsReadable)
            ? _versions.Confirm(request, before, response)
            : ResourceVersion.Unknown;
        var isTrusted = version.IsKnown && version.IsSettled && _settings.IsStill(settings);
        var lastModified = isTrusted ? _versions.DateAnswered(request, before, version, settings.Since) : null;
        if (isTrusted && version.Digest == before.Version.Digest)
        {
            flight?.Publish(response);
        }
        else
        {
            // The others in the flight have validated another version than this one.
            flight?.End();
            flight = null;
        }

        if (!isTrusted && derived is not null)
        {
            // Made of texts of more than one moment, which the origin's own response is less likely to be.
            DerivedTags.GiveUp(derived);
            using var own = AskOrigin(request.Exchange);
            return RespondFromOrigin(request, settings, before, own, flight: null);
        }

        if (!isTrusted)
        {
            _versions.SentWithoutValidators(request);
            outcome = new CacheOutcome(CacheResult.Miss, isComplete ? CacheDetail.Unsettled : CacheDetail.Incomplete);
            return RespondAsOrigin(request.Exchange, response, default, outcome, Now);
        }

        var key = request.Key.WithVersion(settings.Fingerprint, version.Digest);
        var now = Now;
        var validators = ValidatorsOf(request, key, settings, lastModified, now);
        PendingResponse? pending = null;
        if (!request.IsCached)
        {
            outcome = outcome with { Detail = CacheDetail.NotCached };
        }
        else if (lastModified is { } date && !_store.Removals.MayHaveRemoved(response.AskedAt, key))
        {
            pending = TryAdmit(key, date, response, flight, now, out var rejection);
            outcome = outcome with { IsStored = pending is not null, Detail = DetailOf(rejection) };
            if (derived is not null)
            {
                _tags!.Confirm(derived);
                StoreFullTags(request.Resource.Id, settings, version, derived, now);
                outcome = !derived.WasAsked ? new CacheOutcome(CacheResult.Hit) { IsStored = outcome.IsStored }
                    : outcome.Detail == CacheDetail.None ? outcome with { Detail = CacheDetail.Derived }
                    : outcome;
            }
        }

        if (derived is not null)
        {
            DerivedTags.GiveUp(derived); // what is not confirmed by now; others must not wait for a slow client
        }

        try
        {
            outcome = RespondAsOrigin(request.Exchange, response, validators, outcome, now);
            if (derived is not null)
            {
                _tagsCheck?.Offer(request.Resource, request.Route, derived);
            }

            return outcome;
        }
        finally
        {
            // Written after the response, though the store said before it that it would take it.
            if (pending is not null)
            {
                _store.Enqueue(pending);
            }
            else
            {
                flight?.End();
            }
        }
    }

    private bool IsStreamed(Route route) => _archives is not null && route.Name == "archive";

    /// <summary>
    /// Sends an archive while it is read, with the validators of the version that was current before. False where nothing was sent.
    /// </summary>
    private bool TryStream(in CacheRequest request, SettingsState settings, in RequestVersion before, out CacheOutcome outcome)
    {
        var order = ArchiveRequest.OfGet(request.Exchange, request.Resource);
        outcome = new CacheOutcome(CacheResult.Bypass, CacheDetail.NotCached);
        using var archive = _archives!.TryOpen(order);
        if (archive is null)
        {
            return false;
        }

        // The version of a resource does not come from a response.
        var version = _versions.Confirm(request, before, OriginResponse.NotFound);
        var isTrusted = version.IsKnown && version.IsSettled && _settings.IsStill(settings) && _archives.Generation.TryBegin();
        if (!isTrusted)
        {
            _versions.SentWithoutValidators(request);
            outcome = new CacheOutcome(CacheResult.Miss, CacheDetail.Unsettled);
            _headers.Add(request.Exchange, Now / PerSecond, default, outcome);
            _ = _archives.TrySend(request.Exchange, archive, order.FileName);
            return request.Exchange.HasResponded;
        }

        var isWhole = false;
        try
        {
            var lastModified = _versions.DateAnswered(request, before, version, settings.Since);
            var now = Now;
            var validators = ValidatorsOf(request, request.Key.WithVersion(settings.Fingerprint, version.Digest), settings, lastModified, now);
            if (validators.EvaluatePreconditions(request.Exchange) != PreconditionResult.None)
            {
                outcome = outcome with { IsNotModified = true };
                RespondNotModified(request.Exchange, validators, outcome, now);
                return isWhole = true;
            }

            _headers.Add(request.Exchange, now / PerSecond, validators, outcome);
            isWhole = _archives.TrySend(request.Exchange, archive, order.FileName) && archive.IsSound;
            return request.Exchange.HasResponded;
        }
        finally
        {
            _archives.Generation.End(isBroken: !isWhole);
        }
    }

    /// <summary>Sends an archive without validators, for a <c>POST</c> or beside the policy. False where nothing was sent.</summary>
    private bool TryStream(IExchange exchange, CacheOutcome? outcome)
    {
        if (!RouteTable.TryMatch(exchange.Path, out var match) || !ResourceId.TryParse(match.Id, out var id))
        {
            return false;
        }

        var resource = new Resource(match.Level, id);
        var order = exchange.Method == HttpMethod.Post ? ArchiveRequest.OfPost(exchange, resource) : ArchiveRequest.OfGet(exchange, resource);
        using var archive = order is null ? null : _archives!.TryOpen(order);
        if (archive is null)
        {
            return false;
        }

        if (outcome is { } known)
        {
            _headers.Add(exchange, Now / PerSecond, default, known);
        }

        _ = _archives!.TrySend(exchange, archive, order!.FileName);
        return exchange.HasResponded;
    }

    /// <summary>What the store will write once it is told to; null where it refuses.</summary>
    private PendingResponse? TryAdmit(
        ReadOnlySpan<byte> key, long lastModified, OriginResponse response, Flight? flight, long now, out StoreRejection rejection)
    {
        if (!StoredResponse.CanHold(response))
        {
            rejection = StoreRejection.TooLarge;
            return null;
        }

        var pending = new PendingResponse(key, response, now, lastModified, _compressor, flight, Counters);
        return _store.TryAdmit(pending, out rejection) ? pending : null;
    }

    /// <summary>200 with the origin's body, or 304 where the client has it.</summary>
    private CacheOutcome RespondAsOrigin(IExchange exchange, OriginResponse response, in Validators validators, CacheOutcome outcome, long now)
    {
        if (validators.EvaluatePreconditions(exchange) != PreconditionResult.None)
        {
            outcome = outcome with { IsNotModified = true, SavedMicroseconds = 0 };
            RespondNotModified(exchange, validators, outcome, now);
            return outcome;
        }

        _headers.Add(exchange, now / PerSecond, validators, outcome);
        exchange.RespondAsOrigin(response);
        return outcome;
    }

    private void RespondNotModified(IExchange exchange, in Validators validators, CacheOutcome outcome, long now)
    {
        _headers.Add(exchange, now / PerSecond, validators, outcome);
        exchange.NotModified();
    }

    /// <summary>The origin answers, without validators and without the store.</summary>
    private CacheOutcome Bypass(IExchange exchange, CacheDetail detail)
    {
        var outcome = new CacheOutcome(CacheResult.Bypass, detail);
        if (RouteTable.TryMatch(exchange.Path, out var match) && IsStreamed(match.Route) && TryStream(exchange, outcome))
        {
            return outcome;
        }

        using var response = AskOrigin(exchange);
        if (response.IsSuccess)
        {
            return RespondAsOrigin(exchange, response, default, outcome, Now);
        }

        exchange.RespondAsOrigin(response);
        return outcome with { Detail = CacheDetail.OriginError };
    }

    /// <summary>Tags are made of what is known of each instance; all else, and what cannot be made, is asked of the origin.</summary>
    private OriginResponse AskOrigin(in CacheRequest request, SettingsState settings, in ResourceVersion version)
    {
        if (_tags is null || !settings.IsKnown || !DerivedTags.IsDerivable(request.Route))
        {
            return AskOrigin(request.Exchange);
        }

        var removals = _store.Removals.Position;
        var start = _time.GetTimestamp();
        var tags = new TagsRequest
        {
            Exchange = request.Exchange,
            Route = request.Route,
            Resource = request.Resource,
            Fingerprint = settings.Fingerprint,
            File = request.Resource.Level == ResourceLevel.Instance && version.IsKnown ? version.Digest : null,
        };
        var isCounted = !request.Exchange.IsWarmUp;
        if (isCounted)
        {
            Counters.EnterOrigin();
        }

        try
        {
            if (_tags.TryMake(tags, FindFullTags) is { } derived)
            {
                derived.CostMicroseconds = (long)_time.GetElapsedTime(start).TotalMicroseconds;
                derived.AskedAt = removals;
                return derived;
            }
        }
        finally
        {
            if (isCounted)
            {
                Counters.LeaveOrigin();
            }
        }

        return AskOrigin(request.Exchange);
    }

    /// <summary>The response to <c>/instances/{id}/tags</c>, where it is stored.</summary>
    private FullTags? FindFullTags(ResourceId instance, Digest128 fingerprint, Digest128 file)
    {
        Span<byte> buffer = stackalloc byte[RequestKey.FullTagsSize];
        var key = RequestKey.OfFullTags(instance, fingerprint, file, buffer);
        if (!_cached.TryFind(key, Digest128.Of(key), ContentCoding.Identity, Now, out var response))
        {
            return null;
        }

        using (response)
        {
            return new FullTags(response.Body.ToArray(), response.Stored.ContentType[..^1].ToArray());
        }
    }

    /// <summary>Full tags that were asked for on the way are a response of their own, with a date of its own.</summary>
    private void StoreFullTags(ResourceId instance, SettingsState settings, in ResourceVersion version, DerivedResponse derived, long now)
    {
        if (derived.Full is not { } full || !StoredResponse.CanHold(full))
        {
            return;
        }

        Span<byte> buffer = stackalloc byte[RequestKey.FullTagsSize];
        var key = RequestKey.OfFullTags(instance, settings.Fingerprint, version.Digest, buffer);
        if (_versions.DateAnswered(RequestKey.RequestDigestOf(key), version, settings.Since) is { } date)
        {
            full.AskedAt = derived.AskedAt;
            _ = _store.TryEnqueue(new PendingResponse(key, full, now, date, _compressor, flight: null, Counters));
        }
    }

    private OriginResponse AskOrigin(IExchange exchange)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaximumTarget);
        try
        {
            var length = OriginTarget.Write(exchange, _policy.Ignored, buffer);
            if (length < 0)
            {
                return OriginResponse.NotFound;
            }

            var removals = _store.Removals.Position;
            var start = _time.GetTimestamp();
            var response = AskOrigin(exchange, buffer.AsSpan(0, length - 1));
            response.CostMicroseconds = (long)_time.GetElapsedTime(start).TotalMicroseconds;
            response.AskedAt = removals;
            return response;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Counts the clients that wait, for whom a warm-up pauses.</summary>
    private OriginResponse AskOrigin(IExchange exchange, ReadOnlySpan<byte> target)
    {
        if (exchange.IsWarmUp)
        {
            return exchange.AskOrigin(target);
        }

        Counters.EnterOrigin();
        try
        {
            return exchange.AskOrigin(target);
        }
        finally
        {
            Counters.LeaveOrigin();
        }
    }

    private static Validators ValidatorsOf(
        in CacheRequest request, ReadOnlySpan<byte> key, SettingsState settings, long? lastModified, long now) => new()
        {
            HasTag = true,
            Tag = Digest128.Of(key),
            Coding = request.HostCoding,

            // Orthanc's own compression does not promise the same bytes twice.
            IsWeak = request.HostCoding != ContentCoding.Identity || HoldsTime(request),

            // No date from the future (section 8.8.2.1), and none before a later process would know since when the settings are what they are.
            HasLastModified = lastModified <= now / PerSecond && settings.Since.IsOnDisk,
            LastModified = lastModified ?? 0,
        };

    private static Validators Coded(in CacheRequest request, in Validators validators, ContentCoding coding) =>
        coding == ContentCoding.Identity ? validators : validators with { Coding = coding, IsWeak = HoldsTime(request) };

    /// <summary>Archives carry the time of their making, and compressed arrays of numpy are archives.</summary>
    private static bool HoldsTime(in CacheRequest request) =>
        request.Route.Body == BodyKind.Archive || (request.Route.HasTail && request.Exchange.Path.EndsWith("/numpy"u8));

    private static CacheDetail DetailOf(RequestDecision decision) => decision switch
    {
        RequestDecision.NotAnIdentifier => CacheDetail.Identifier,
        RequestDecision.UnknownArgument => CacheDetail.Argument,
        RequestDecision.TooLong => CacheDetail.TooLong,
        RequestDecision.SharedDecoder => CacheDetail.Shared,
        RequestDecision.Range => CacheDetail.Range,
        _ => CacheDetail.None,
    };

    private static CacheDetail DetailOf(StoreRejection rejection) => rejection switch
    {
        StoreRejection.TooLarge => CacheDetail.TooLarge,
        StoreRejection.NotWorking => CacheDetail.NoStore,
        StoreRejection.Busy => CacheDetail.Busy,
        _ => CacheDetail.None,
    };
}
