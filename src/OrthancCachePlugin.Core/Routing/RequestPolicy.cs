using System.Runtime.CompilerServices;
using System.Text;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Routing;

/// <summary>Says what may be done with a request. Values in, decision out. Thread-safe.</summary>
public sealed class RequestPolicy(PolicyOptions options)
{
    public PolicyOptions Options { get; } = options;

    public IgnoredArguments Ignored { get; } = new(options.TokenArguments);

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

    private bool IsCached(IExchange exchange, Route route) =>
        (route.Body == BodyKind.Json || (route.Body == BodyKind.Binary && Options.CacheBinaries))
        && !(exchange.TryGetHeader(RequestHeader.CacheControl, out var control) && FieldText.HasDirective(control, "no-store"u8));
}

/// <summary>A GET of one of our routes, understood. Lives as long as the exchange and the buffer that it was read into.</summary>
public ref struct CacheRequest
{
    public required IExchange Exchange { get; init; }

    public required Route Route { get; init; }

    public required Resource Resource { get; init; }

    public required RequestKey Key { get; init; }

    public required ContentCoding HostCoding { get; init; } // the coding that the host will give to a body that we hand over as it is

    public required ContentCoding WantedCoding { get; init; } // the coding in which the client would best be sent a cached body

    public required bool IsCached { get; init; }
}

public enum RequestDecision
{
    Cacheable, // validators and, where the route allows, the store

    NotAnIdentifier,

    UnknownArgument, // a query argument that we do not know may shape the response

    TooLong,

    Range,

    /// <summary>Orthanc itself may answer with what another server has overwritten: no version fits its response.</summary>
    SharedDecoder,
}

/// <summary>What decides how a request is understood and what a client is told. Immutable.</summary>
public sealed record PolicyOptions
{
    public int ExpirationDays { get; init; } = 7; // days that a client may keep a response, and that we keep it

    /// <summary>The literal <c>Cache-Control</c> that replaces ours; empty for ours.</summary>
    public string CacheControl { get; init; } = "";

    public bool CacheBinaries { get; init; }

    public bool IsPrivate { get; init; } // Orthanc asks for authentication: shared caches must not keep what it answers

    public bool IsShared { get; init; }

    public bool HostCompresses { get; init; }

    /// <summary>Whether the host lets a body through that we have encoded, without encoding it again.</summary>
    public bool CanSendEncoded { get; init; } = true;

    /// <summary>Query arguments that carry authorisation: in no key, no log, no file, and not passed on.</summary>
    public IReadOnlyList<string> TokenArguments { get; init; } = DefaultTokenArguments;

    /// <summary>Names that viewers and the authorization plugin's documentation use for tokens in a query.</summary>
    public static IReadOnlyList<string> DefaultTokenArguments { get; } =
        ["token", "auth-token", "authToken", "auth_token", "access_token", "access-token", "authorization", "api-key", "apikey", "jwt"];
}

/// <summary>Query arguments that do not belong to a request: jQuery's <c>_</c> against caches, the <c>_method</c> that Orthanc's HTTP server has
/// already obeyed, and tokens of authorisation.</summary>
public sealed class IgnoredArguments(IEnumerable<string> tokens)
{
    private readonly byte[][] _names = [.. tokens.Append("_").Append("_method").Distinct().Select(Encoding.UTF8.GetBytes)];

    public bool Contains(ReadOnlySpan<byte> name)
    {
        foreach (var ignored in _names)
        {
            if (name.SequenceEqual(ignored))
            {
                return true;
            }
        }

        return false;
    }
}
