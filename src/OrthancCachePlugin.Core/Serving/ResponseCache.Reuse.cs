using System.Buffers;
using OrthancCachePlugin.Core.Hashing;
using OrthancCachePlugin.Core.Policy;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Versions;

namespace OrthancCachePlugin.Core.Serving;

/// <content>Answers that need no computation of the core: 304, the store, and what another request has just got.</content>
public sealed partial class ResponseCache
{
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
}
