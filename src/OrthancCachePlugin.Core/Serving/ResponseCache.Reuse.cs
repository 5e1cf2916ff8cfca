using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Serving;

/// <content>Answers that need no computation of the origin: 304, the store, and what another request has just got.</content>
public sealed partial class ResponseCache
{
    /// <summary>Answers 304 where the client holds what a 200 would carry; the store is not read for it.</summary>
    private bool TryRespondNotModified(in CacheRequest request, in ResourceVersion version, in Validators validators, long now)
    {
        var copy = validators.EvaluatePreconditions(request.Exchange);
        var isHeld = copy == PreconditionResult.MatchedByTag
            || (copy == PreconditionResult.MatchedByDate && _versions.HasSucceeded(request, version));
        if (isHeld)
        {
            RespondNotModified(request, validators, now);
        }

        return isHeld;
    }

    /// <summary>The validators of what <see cref="TryRespondFromCache"/> would answer, and a miss where that finds nothing.</summary>
    private Validators Selected(in CacheRequest request, ReadOnlySpan<byte> key, in Validators validators, long now)
    {
        var isConditional = request.Exchange.TryGetHeader(RequestHeader.IfNoneMatch, out _)
            || request.Exchange.TryGetHeader(RequestHeader.IfModifiedSince, out _);
        return isConditional && request.IsCached && request.WantedCoding != ContentCoding.Identity
            ? Coded(request, validators, _cached.CodingOf(key, validators.Tag, request.WantedCoding, now))
            : validators;
    }

    private static Validators Coded(in CacheRequest request, in Validators validators, ContentCoding coding) =>
        coding == ContentCoding.Identity ? validators : validators with { Coding = coding, IsWeak = HoldsTime(request) };

    /// <summary>Answers 304 where the client holds what a 200 would carry; there would be a 200.</summary>
    private bool TryRespondNotModifiedNow(in CacheRequest request, in Validators validators, long now)
    {
        var isHeld = validators.EvaluatePreconditions(request.Exchange) != PreconditionResult.None;
        if (isHeld)
        {
            RespondNotModified(request, validators, now);
        }

        return isHeld;
    }

    private void RespondNotModified(in CacheRequest request, in Validators validators, long now)
    {
        _headers.Add(request.Exchange, now / PerSecond, validators, "response-cache; hit\0"u8);
        request.Exchange.NotModified();
        CountersOf(request).NotModifiedSent();
    }

    private bool TryRespondFromCache(
        in CacheRequest request,
        ReadOnlySpan<byte> key,
        SettingsState settings,
        in ResourceVersion version,
        Validators validators,
        long now)
    {
        if (!_cached.TryFind(key, validators.Tag, request.WantedCoding, now, out var response))
        {
            return false;
        }

        try
        {
            if (!version.LastModifiedIsCertain)
            {
                var lastModified = response.Stored.LastModified;
                _versions.Learn(request, version, lastModified);
                validators = ValidatorsOf(
                    request, key, settings, version with { LastModified = lastModified, LastModifiedIsCertain = true }, now);
            }

            if (response.Hot is null)
            {
                _versions.Succeeded(request, version); // what is hot is found as fast as this would be
            }

            validators = Coded(request, validators, response.Coding);
            if (!TryRespondNotModifiedNow(request, validators, now))
            {
                RespondHit(request, validators, response, now);
            }

            return true;
        }
        finally
        {
            response.Dispose();
        }
    }

    private void RespondHit(in CacheRequest request, in Validators validators, in CachedResponse response, long now)
    {
        var exchange = request.Exchange;
        var coding = response.Coding;
        CountersOf(request).Hit(response.Stored.CostMicroseconds);

        _headers.Add(exchange, now / PerSecond, validators, "response-cache; hit\0"u8);
        if (response.Stored.ContentDisposition.Length > 1)
        {
            exchange.AddHeader("Content-Disposition\0"u8, response.Stored.ContentDisposition);
        }

        if (coding != ContentCoding.Identity)
        {
            exchange.RespondEncoded(response.Stored.ContentType, coding == ContentCoding.Gzip ? "gzip\0"u8 : "zstd\0"u8, response.Body);
            return;
        }

        if (response.Stored.ContentEncoding.Length > 1)
        {
            exchange.AddHeader("Content-Encoding\0"u8, response.Stored.ContentEncoding);
        }

        exchange.Respond(response.Stored.ContentType, response.Body);
    }

    /// <summary>Another request's response of the same version.</summary>
    private void RespondShared(
        in CacheRequest request, ReadOnlySpan<byte> key, SettingsState settings, in ResourceVersion version, OriginResponse response)
    {
        var now = Now;
        var validators = ValidatorsOf(request, key, settings, version, now);
        if (TryRespondNotModifiedNow(request, validators, now))
        {
            return;
        }

        CountersOf(request).Hit(response.CostMicroseconds);
        _headers.Add(request.Exchange, now / PerSecond, validators, "response-cache; hit; detail=collapsed\0"u8);
        request.Exchange.RespondAsOrigin(response);
    }

    private Validators ValidatorsOf(
        in CacheRequest request, ReadOnlySpan<byte> key, SettingsState settings, in ResourceVersion version, long now) => new()
        {
            HasTag = true,
            Tag = Digest128.Of(key),
            Coding = request.HostCoding,

            // What the host compresses is never compressed twice to the same bytes for sure.
            IsWeak = request.HostCoding != ContentCoding.Identity || HoldsTime(request),
            HasLastModified = IsSendable(request, version, now) && IsOfSettings(request, version, settings.Since, now),
            LastModified = Math.Max(version.LastModified, settings.Since.Seconds),
        };

    /// <summary>A date from before the settings became what they are is made a later one, for all who ask from now on.</summary>
    private bool IsOfSettings(in CacheRequest request, in ResourceVersion version, SettingsSince since, long now) =>
        since.IsOnDisk
        && (version.LastModified >= since.Seconds
            || (since.Seconds <= now / PerSecond && _versions.TryDateAfter(request, version, since.Seconds)));

    /// <summary>Archives carry the time of their making, and compressed arrays of numpy are archives.</summary>
    private static bool HoldsTime(in CacheRequest request) =>
        request.Route.Body == BodyKind.Archive || (request.Route.HasTail && request.Exchange.Path.EndsWith("/numpy"u8));

    /// <summary>No date from the future (RFC 9110 section 8.8.2.1), and for a volatile route none that another body may have had.</summary>
    private static bool IsSendable(in CacheRequest request, in ResourceVersion version, long now) =>
        version.LastModified <= now / PerSecond && (version.LastModifiedIsCertain || request.Route.Kind != RouteKind.Volatile);
}
