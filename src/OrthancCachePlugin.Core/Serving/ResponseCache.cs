using System.Buffers;
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
public sealed class ResponseCache
{
    private static readonly TimeSpan LongestWaitForOthers = TimeSpan.FromMinutes(1);

    private readonly RequestPolicy _policy;
    private readonly RequestVersions _versions;
    private readonly IEntryStore _store;
    private readonly ICompressor _compressor;
    private readonly TimeProvider _time;
    private readonly ILog _log;
    private readonly AnswerHeaders _headers;
    private readonly SingleFlight _flights = new();
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
    }

    public ServingCounters Counters { get; } = new();

    private long NowSeconds => _time.GetUtcNow().ToUnixTimeSeconds();

    /// <summary>Answers one request.</summary>
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
                Bypass(exchange, StatusOf(decision));
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
                Bypass(exchange, "response-cache; fwd=bypass; detail=failure\0"u8);
            }
        }
    }

    private void Serve(in CacheRequest request)
    {
        var current = _versions.Current(request);
        if (current.IsTrusted)
        {
            var key = request.Key.WithVersion(_policy.Options.Fingerprint, current.Version.Digest);
            var validators = ValidatorsOf(request, key, current.Version);
            if (TryAnswerNotModified(request, validators, _versions.HasSucceeded(request, current.Version))
                || (request.IsKept && TryAnswerFromStore(request, key, current.Version, validators)))
            {
                return;
            }

            AskCoreOnce(request, current, key);
        }
        else
        {
            using var answer = AskCore(request.Exchange);
            AnswerFromCore(request, current, answer, flight: null);
        }
    }

    /// <summary>Asks the core unless another request is asking the same just now; then its answer serves both.</summary>
    private void AskCoreOnce(in CacheRequest request, in RequestVersion current, ReadOnlySpan<byte> key)
    {
        var flight = _flights.Join(Digest128.Of(key), out var isLeader);
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

    /// <summary>Answers 304 where the client holds what a 200 would carry.</summary>
    /// <param name="request">The request.</param>
    /// <param name="validators">Of what a 200 would carry.</param>
    /// <param name="isSuccess">Whether it is known that it would be a 200.</param>
    private bool TryAnswerNotModified(in CacheRequest request, in Validators validators, bool isSuccess)
    {
        var copy = validators.HeldBy(request.Exchange);
        if (copy == ClientCopy.None || (copy == ClientCopy.Presumed && !isSuccess))
        {
            return false;
        }

        _headers.Add(request.Exchange, NowSeconds, validators, "response-cache; hit\0"u8);
        request.Exchange.NotModified();
        Counters.NotModifiedSent();
        return true;
    }

    private bool TryAnswerFromStore(
        in CacheRequest request, ReadOnlySpan<byte> key, in ResourceVersion version, Validators validators)
    {
        if (!_store.TryRead(key, out var lease))
        {
            return false;
        }

        using (lease)
        {
            if (!StoredAnswer.TryRead(lease.Value, out var stored))
            {
                return false;
            }

            if (!version.LastModifiedIsCertain)
            {
                _versions.Learn(request, version, stored.LastModified);
                validators = validators with { HasLastModified = stored.LastModified <= NowSeconds, LastModified = stored.LastModified };
            }

            _versions.Succeeded(request, version);
            if (TryAnswerNotModified(request, validators, isSuccess: true))
            {
                return true;
            }

            var decoded = stored.IsCompressed ? ArrayPool<byte>.Shared.Rent(stored.DecodedSize) : null;
            try
            {
                var body = stored.Body;
                if (decoded is not null)
                {
                    if (!_compressor.TryDecompress(body, decoded.AsSpan(0, stored.DecodedSize)))
                    {
                        return false;
                    }

                    body = decoded.AsSpan(0, stored.DecodedSize);
                }

                AnswerHit(request, validators, stored, body);
                return true;
            }
            finally
            {
                if (decoded is not null)
                {
                    ArrayPool<byte>.Shared.Return(decoded);
                }
            }
        }
    }

    private void AnswerHit(in CacheRequest request, in Validators validators, in StoredAnswer stored, ReadOnlySpan<byte> body)
    {
        Counters.Hit(stored.CostMicroseconds);
        _headers.Add(request.Exchange, NowSeconds, validators, "response-cache; hit\0"u8);
        if (stored.ContentDisposition.Length > 1)
        {
            request.Exchange.AddHeader("Content-Disposition\0"u8, stored.ContentDisposition);
        }

        if (stored.ContentEncoding.Length > 1)
        {
            request.Exchange.AddHeader("Content-Encoding\0"u8, stored.ContentEncoding);
        }

        request.Exchange.Answer(stored.ContentType, body);
    }

    /// <summary>Another request's answer of the same version.</summary>
    private void AnswerShared(in CacheRequest request, ReadOnlySpan<byte> key, in ResourceVersion version, OriginAnswer answer)
    {
        var validators = ValidatorsOf(request, key, version);
        if (TryAnswerNotModified(request, validators, isSuccess: true))
        {
            return;
        }

        Counters.Hit(answer.CostMicroseconds);
        _headers.Add(request.Exchange, NowSeconds, validators, "response-cache; hit; detail=collapsed\0"u8);
        request.Exchange.AnswerAsCore(answer);
    }

    /// <summary>Answers what the core said, with validators and a place in the store where it belongs to one version alone.</summary>
    private void AnswerFromCore(in CacheRequest request, in RequestVersion before, OriginAnswer answer, Flight? flight)
    {
        Counters.Miss();
        if (!answer.IsSuccess)
        {
            flight?.End();
            request.Exchange.AnswerAsCore(answer);
            return;
        }

        var isStale = _versions.IsStale(request, before.Version.Digest);
        var version = _versions.Confirm(request, before, answer);
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
        var validators = isTrusted ? ValidatorsOf(request, key, version) : default;
        var isKept = isTrusted && request.IsKept && StoredAnswer.CanHold(answer)
            && (request.Route.Kind != RouteKind.Volatile || version.LastModifiedIsCertain);
        if (!TryAnswerNotModified(request, validators, isSuccess: true))
        {
            _headers.Add(request.Exchange, NowSeconds, validators, StatusOf(request, isStale, isTrusted, isKept));
            request.Exchange.AnswerAsCore(answer);
        }

        if (isKept)
        {
            Keep(request, key, version, answer, flight);
        }
        else
        {
            flight?.End();
        }
    }

    private void Keep(in CacheRequest request, ReadOnlySpan<byte> key, in ResourceVersion version, OriginAnswer answer, Flight? flight)
    {
        var createdAt = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _store.TryEnqueue(new PendingAnswer(key, answer, createdAt, version.LastModified, _compressor, flight));
    }

    private void Bypass(IExchange exchange, ReadOnlySpan<byte> status)
    {
        Counters.Bypass();
        using var answer = AskCore(exchange);
        if (answer.IsSuccess)
        {
            _headers.Add(exchange, NowSeconds, default, status);
        }

        exchange.AnswerAsCore(answer);
    }

    private OriginAnswer AskCore(IExchange exchange)
    {
        const int LongestTarget = 16 * 1024;
        var buffer = ArrayPool<byte>.Shared.Rent(LongestTarget);
        try
        {
            var length = CoreTarget.Write(exchange, _policy.Ignored, buffer);
            if (length < 0)
            {
                return OriginAnswer.NotFound;
            }

            var start = _time.GetTimestamp();
            var answer = exchange.AskCore(buffer.AsSpan(0, length - 1));
            answer.CostMicroseconds = (long)_time.GetElapsedTime(start).TotalMicroseconds;
            return answer;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private Validators ValidatorsOf(in CacheRequest request, ReadOnlySpan<byte> key, in ResourceVersion version)
    {
        Span<byte> text = stackalloc byte[RequestKey.MaximumSize + 1];
        key.CopyTo(text);
        text[key.Length] = (byte)request.HostCoding;
        return new Validators
        {
            HasTag = true,
            Tag = Digest128.Of(text[..(key.Length + 1)]),
            IsWeak = request.Route.Body == BodyKind.Archive,
            HasLastModified = IsSendable(request, version),
            LastModified = version.LastModified,
        };
    }

    /// <summary>No date from the future (RFC 9110 section 8.8.2.1), and for a volatile route none that another body may have had.</summary>
    private bool IsSendable(in CacheRequest request, in ResourceVersion version) =>
        version.LastModified <= NowSeconds && (version.LastModifiedIsCertain || request.Route.Kind != RouteKind.Volatile);

    private static ReadOnlySpan<byte> StatusOf(in CacheRequest request, bool isStale, bool isTrusted, bool isKept)
    {
        if (!isTrusted)
        {
            return "response-cache; fwd=miss; detail=unsettled\0"u8;
        }

        if (request.Route.Body != BodyKind.Json && !request.IsKept)
        {
            return "response-cache; fwd=bypass; detail=not-kept\0"u8;
        }

        return (isStale, isKept) switch
        {
            (true, true) => "response-cache; fwd=stale; stored\0"u8,
            (true, false) => "response-cache; fwd=stale\0"u8,
            (false, true) => "response-cache; fwd=miss; stored\0"u8,
            _ => "response-cache; fwd=miss\0"u8,
        };
    }

    private static ReadOnlySpan<byte> StatusOf(RequestDecision decision) => decision switch
    {
        RequestDecision.NotAnIdentifier => "response-cache; fwd=bypass; detail=identifier\0"u8,
        RequestDecision.UnknownArgument => "response-cache; fwd=bypass; detail=argument\0"u8,
        RequestDecision.TooLong => "response-cache; fwd=bypass; detail=too-long\0"u8,
        RequestDecision.Range => "response-cache; fwd=bypass; detail=range\0"u8,
        _ => "response-cache; fwd=bypass\0"u8,
    };
}
