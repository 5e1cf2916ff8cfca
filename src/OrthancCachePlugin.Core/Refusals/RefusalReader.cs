using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// Finds out what the origin would have said to the client, from what an internal call says of it. Pure but for the probe.
/// </summary>
/// <remarks>
/// The call loses much: before 1.13.0 every status but 200 of a GET is the error "unknown resource", and the details of errors are gone in
/// all versions. Checked against 2,602 requests recorded from Orthanc 1.10.1, bare and through an internal call.
/// </remarks>
public static class RefusalReader
{
    /// <summary>Finds out.</summary>
    /// <param name="request">What the client asked.</param>
    /// <param name="reply">What the internal call said.</param>
    /// <param name="traits">Of the server's version.</param>
    /// <param name="probe">Asked only where the request does not tell.</param>
    public static Refusal Read(RefusedRequest request, OriginReply reply, OriginTraits traits, IOriginProbe probe)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(traits);
        ArgumentNullException.ThrowIfNull(probe);
        if (reply.Code == OriginCode.Success)
        {
            return OfStatus(request, reply);
        }

        return reply.Code == OriginCode.UnknownResource
            ? OfUnknown(request, traits, probe)
            : Refusal.Error(reply.Code, LostDetails.Find(request, reply.Code, traits, probe));
    }

    /// <summary>The call gave a response that is no 200.</summary>
    private static Refusal OfStatus(RefusedRequest request, OriginReply reply) => reply.Status switch
    {
        // No handler at all: the origin's HTTP server makes an exception of it.
        404 when !reply.HasHeaders => Refusal.Error(OriginCode.UnknownResource),
        405 => Refusal.MethodNotAllowed(string.IsNullOrEmpty(reply.Allow) ? RegisteredMethods.Of(request) : reply.Allow),
        301 or 307 when !string.IsNullOrEmpty(reply.Location) => Refusal.Redirect(reply.Location),

        // Nothing that the origin can send as a bare status.
        < 400 => Refusal.Error(OriginCode.InternalError),
        _ => Refusal.Status(reply.Status),
    };

    /// <summary>The call failed with "unknown resource": that, or a status, or a redirection.</summary>
    private static Refusal OfUnknown(RefusedRequest request, OriginTraits traits, IOriginProbe probe)
    {
        var unknown = Refusal.Error(OriginCode.UnknownResource);
        if (!RegisteredMethods.Have(request))
        {
            return Refusal.MethodNotAllowed(RegisteredMethods.Of(request));
        }

        if (request.Method != HttpMethod.Get || traits.TellsStatusOfGet)
        {
            return unknown;
        }

        if (request.IsImage)
        {
            return RefusedImage.Decide(request, traits, probe);
        }

        var isSilent = request.IsOfFrame
            ? request.Name is "raw" or "raw.gz" or "matlab" && !LexicalCast.IsUnsigned(request.Frame)
            : IsSilentAboutKnown(request, traits) && probe.Ask(request.Sibling("metadata")) == OriginCode.Success;
        return isSilent ? Refusal.Status(404) : unknown;
    }

    /// <summary>Handlers that return without a word where the instance is there, but has no such thing: no PDF, no other encoding.</summary>
    private static bool IsSilentAboutKnown(RefusedRequest request, OriginTraits traits) =>
        request.IsInstance
        && (request.Name == "pdf" || (request.Name == "file" && traits.TranscodesFile && request.Arguments.ContainsKey("transcode")));
}
