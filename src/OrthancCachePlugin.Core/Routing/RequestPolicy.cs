using System.Runtime.CompilerServices;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Routing;

/// <summary>Says what may be done with a request. Values in, decision out. Thread-safe.</summary>
public sealed class RequestPolicy(PolicyOptions options)
{
    public PolicyOptions Options { get; } = options;

    /// <summary>Arguments that belong to no request.</summary>
    public IgnoredArguments Ignored { get; } = new(options.TokenArguments);

    /// <summary>Reads a GET of one of our routes.</summary>
    /// <param name="exchange">The request.</param>
    /// <param name="match">Its path taken apart.</param>
    /// <param name="buffer">At least <see cref="RequestKey.MaximumSize"/> bytes that live as long as the request.</param>
    /// <param name="request">The request, where the decision is <see cref="RequestDecision.Cacheable"/>.</param>
    [SkipLocalsInit]
    public RequestDecision Read(IExchange exchange, in RouteMatch match, Span<byte> buffer, out CacheRequest request)
    {
        request = default;
        if (!ResourceId.TryParse(match.Id, out var id))
        {
            return RequestDecision.NotAnIdentifier;
        }

        if (exchange.TryGetHeader(RequestHeader.Range, out _))
        {
            return RequestDecision.Range;
        }

        if (Options.IsShared && match.Route.IsDecoded)
        {
            return RequestDecision.SharedDecoder;
        }

        var resource = new Resource(match.Level, id);
        var decision = RequestKey.TryBuild(exchange, match, resource, Ignored, buffer, out var key);
        if (decision == RequestDecision.Cacheable)
        {
            var accepted = exchange.TryGetHeader(RequestHeader.AcceptEncoding, out var acceptEncoding)
                ? AcceptEncoding.Parse(acceptEncoding)
                : AcceptEncoding.IdentityOnly;
            request = new CacheRequest
            {
                Exchange = exchange,
                Route = match.Route,
                Resource = resource,
                Key = key,
                HostCoding = HostCompression.CodingFor(Options.HostCompresses, acceptEncoding),
                WantedCoding = Options.CanSendEncoded ? accepted.Preferred : ContentCoding.Identity,
                IsCached = IsCached(exchange, match.Route),
            };
        }

        return decision;
    }

    /// <summary>JSON always, images and frames where the configuration says so, archives never; nothing of a client that forbids it.</summary>
    private bool IsCached(IExchange exchange, Route route) =>
        (route.Body == BodyKind.Json || (route.Body == BodyKind.Binary && Options.CacheBinaries))
        && !(exchange.TryGetHeader(RequestHeader.CacheControl, out var control) && FieldText.HasDirective(control, "no-store"u8));
}
