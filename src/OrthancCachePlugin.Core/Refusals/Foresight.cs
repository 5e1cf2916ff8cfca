using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// Requests that must not reach the origin, because they would end the server: what bare Orthanc would say, or say if it lived. Pure.
/// </summary>
public static class Foresight
{
    /// <summary>Pixels; a frame of that width and height is about 10 GB. Bare Orthanc 1.10.1 hangs or dies of more.</summary>
    private const int LargestSide = 100_000;

    /// <summary>Whether a path is one of those that are looked at: cheap, for every request asks.</summary>
    public static bool Concerns(ReadOnlySpan<byte> path) => IsArchive(path) || path.EndsWith("/rendered"u8);

    /// <summary>Whether a path asks for an archive.</summary>
    public static bool IsArchive(ReadOnlySpan<byte> path) => path.EndsWith("/archive"u8) || path.EndsWith("/media"u8);

    /// <summary>The refusal, or null where the origin may have it.</summary>
    /// <param name="request">The request.</param>
    /// <param name="traits">Of the server's version.</param>
    /// <param name="exceptionsAreCaught">Whether the origin may throw whatever it likes: then it is left to do so.</param>
    public static Refusal? Refuse(RefusedRequest request, OriginTraits traits, bool exceptionsAreCaught)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.IsArchive && request.Method == HttpMethod.Post && !exceptionsAreCaught)
        {
            var order = ArchiveOrder.Read(request.Body, traits);
            return order.EndsInException ? order.Complaint : null;
        }

        return request.IsImage && request.Name == "rendered" && (IsTooLarge(request, "width") || IsTooLarge(request, "height"))
            ? CaughtExceptions.Describe(CaughtException.Memory)
            : null;
    }

    private static bool IsTooLarge(RefusedRequest request, string name) =>
        request.Arguments.TryGetValue(name, out var text) && LexicalCast.TryInteger(text, out var size) && size > LargestSide;
}
