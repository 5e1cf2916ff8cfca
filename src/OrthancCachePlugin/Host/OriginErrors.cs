using System.Text;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Requests;
using OrthancCachePlugin.Core.Configuration;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Refusals;

namespace OrthancCachePlugin.Host;

/// <summary>
/// Says to the client what the origin would have said where an internal call does not end in a 200, and keeps those requests from the
/// core that would end the server. Thread-safe.
/// </summary>
internal sealed class OriginErrors
{
    /// <summary>Bytes; the body of a POST that we look at is a few lines of JSON.</summary>
    private const uint LargestBody = 4 << 20;

    private readonly OriginTraits _traits;
    private readonly OriginProbe _probe;
    private readonly long _archiveLimit;
    private readonly bool _describesErrors;

    /// <param name="context">The server.</param>
    /// <param name="threads">On which it is asked.</param>
    /// <param name="host">Its options.</param>
    public OriginErrors(OrthancContext context, BigStackThreads threads, HostConfiguration host)
    {
        _traits = OriginTraits.Of(context.Version.IsAtLeast);
        _describesErrors = host.DescribesErrors;
        ArchivesAreNeverCompressed = host.StreamsArchives && _traits.BuffersAreAlwaysCompressed;
        _probe = new OriginProbe(context, threads);
        _archiveLimit = ArchiveSize.Limit(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
    }

    /// <summary>The origin sends archives as they are, but would compress one that is handed over in a buffer.</summary>
    public bool ArchivesAreNeverCompressed { get; }

    /// <summary>The response to a request that must not reach the origin; null for all others.</summary>
    public OrthancResponse? Foresee(RestRequest request, ReadOnlySpan<byte> path)
    {
        if (!Foresight.Concerns(path))
        {
            return null;
        }

        var refused = Read(request, path);
        var rejection = Foresight.Refuse(refused, _traits, ExceptionGuard.Works) ?? RefuseLarge(refused);
        return rejection is null ? null : new OrthancResponse(rejection.Value);
    }

    /// <summary>Answers, or returns the error from which the origin makes its response.</summary>
    /// <param name="output">Where the response goes; no header has been set.</param>
    /// <param name="request">What the client asked.</param>
    /// <param name="path">Its path.</param>
    /// <param name="response">What the origin said; null for a path that cannot be said to the origin.</param>
    /// <param name="isFromClient">
    /// Whether the path is written as the HTTP server got it. Lua and other plugins that ask through us get the code: they do not see a body.
    /// </param>
    /// <returns>Success only where something was sent.</returns>
    public OrthancErrorCode Respond(RestOutput output, RestRequest request, ReadOnlySpan<byte> path, OrthancResponse? response, bool isFromClient)
    {
        var refused = Read(request, path);
        var exception = response is null ? 0 : HostException.KindOf(response.Code);
        var rejection = response is null ? Refusal.Error(OriginCode.UnknownResource)
            : response.Foreseen is { } foreseen ? foreseen
            : exception != 0 ? CaughtExceptions.Describe((CaughtException)exception)
            : RefusalReader.Read(refused, ReplyOf(response), _traits, _probe);
        return isFromClient && rejection.Kind == RefusalKind.Error && TrySendError(output, refused.Method, path, rejection, out var code)
            ? code
            : Send(output, rejection);
    }

    /// <summary>Sends what the origin would make of an error, without the line in the log that comes with returning its code.</summary>
    private bool TrySendError(
        RestOutput output, HttpMethod method, ReadOnlySpan<byte> path, in Refusal rejection, out OrthancErrorCode code)
    {
        code = OrthancErrorCode.Success;
        var status = ErrorBody.StatusOf(rejection.Number);
        var body = status == 0 || !_describesErrors
            ? null
            : ErrorBody.Write(rejection.Number, method, Encoding.Latin1.GetString(path), rejection.Text);
        if (status == 0 || (_describesErrors && body is null))
        {
            return false;
        }

        code = body is null ? output.SendStatusCode(status) : output.SendStatus(status, body);
        return true;
    }

    private static OrthancErrorCode Send(RestOutput output, in Refusal rejection)
    {
        var text = Encoding.Latin1.GetBytes(rejection.Text ?? "");
        switch (rejection.Kind)
        {
            case RefusalKind.Status:
                return output.SendStatusCode(rejection.Number);
            case RefusalKind.MethodNotAllowed:
                return output.SendMethodNotAllowed(text);
            case RefusalKind.Redirect:
                return output.Redirect(text);
            default:
                // Without its details the error is still the right one.
                _ = rejection.Text is not null ? output.SetErrorDetails(text, log: false) : OrthancErrorCode.Success;
                return rejection.Number == OriginCode.Success ? OrthancErrorCode.InternalError : (OrthancErrorCode)rejection.Number;
        }
    }

    private static OriginReply ReplyOf(OrthancResponse response) => new(
        (int)response.Code,
        response.Status,
        response.Headers.Count > 0,
        Encoding.Latin1.GetString(response.Headers.Location),
        Encoding.Latin1.GetString(response.Headers.Allow));

    private static RefusedRequest Read(RestRequest request, ReadOnlySpan<byte> path)
    {
        var arguments = new Dictionary<string, string>();
        for (var i = 0; i < request.ArgumentCount; i++)
        {
            arguments[Encoding.Latin1.GetString(request.ArgumentKey(i))] = Encoding.Latin1.GetString(request.ArgumentValue(i));
        }

        var method = OrthancEvents.Translate(request.Method);
        return new RefusedRequest(Encoding.Latin1.GetString(path))
        {
            Method = method,
            Arguments = arguments,
            Accept = request.TryGetHeader("accept"u8, out var accept) ? Encoding.Latin1.GetString(accept) : null,
            Body = method == HttpMethod.Post && request.BodySize <= LargestBody ? request.Body.ToArray() : default,
        };
    }

    /// <summary>An archive that is built in memory must fit there; one that a job builds goes to a file.</summary>
    private Refusal? RefuseLarge(RefusedRequest request)
    {
        if (!request.IsArchive || !(request.Method == HttpMethod.Get
            || (request.Method == HttpMethod.Post && !ArchiveOrder.Read(request.Body, _traits).IsAsynchronous)))
        {
            return null;
        }

        using var statistics = _probe.Get(request.Sibling("statistics"));
        return statistics.IsSuccess && ArchiveSize.TryReadStatistics(statistics.Body, out var bytes) && bytes > _archiveLimit
            ? ArchiveSize.Refuse(bytes, _archiveLimit)
            : null;
    }
}
