namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// Tells why an image route answered nothing. Before Orthanc 1.13.0 an internal call reports every status but 200 as "unknown
/// resource", so 404, 415 and the redirection have to be told apart from the request and one probe: whether the frame can be decoded at
/// all. Follows the order in which the core looks at things (OrthancRestResources, GetImage and RenderedFrameHandler). Pure.
/// </summary>
internal static class RefusedImage
{
    /// <summary>Decides which refusal the core meant.</summary>
    public static Refusal Decide(RefusedRequest request, CoreTraits traits, ICoreProbe probe)
    {
        var notFound = Refusal.Status(404);
        if (!LexicalCast.IsUnsigned(request.Frame))
        {
            return notFound;
        }

        // The same decoding as for the image, custom decoders included, without anything that the request adds.
        var unsupported = Unsupported(request, traits);
        switch (probe.Ask(request.Sibling($"frames/{request.Frame}/matlab")))
        {
            case CoreCode.ParameterOutOfRange or CoreCode.UnknownResource:
                return notFound;
            case not CoreCode.Success:
                return unsupported;
            default:
                break;
        }

        var arguments = request.Arguments;
        if (request.Name == "rendered")
        {
            if (!IsNumberOrAbsent(arguments, "window-width") || !IsNumberOrAbsent(arguments, "window-center")
                || !IsSizeOrAbsent(arguments, "width") || !IsSizeOrAbsent(arguments, "height"))
            {
                return notFound;
            }

            if (arguments.TryGetValue("smooth", out var smooth) && smooth.Trim() is not ("0" or "1" or "false" or "true"))
            {
                return unsupported;
            }
        }

        // The core reads the quality of JPEG before it knows whether it will write a JPEG.
        if (arguments.TryGetValue("quality", out var quality) && !IsQuality(quality))
        {
            return unsupported;
        }

        if (!ImageNegotiation.TryChoose(request.Accept ?? "*/*", traits.LastQualityCounts, out var chosen))
        {
            return unsupported;
        }

        // JPEG has no images of 16 bits, which the core reports as a parameter out of range, hence 404.
        return chosen is null || (chosen == ImageNegotiation.Jpeg && request.Name is "image-uint16" or "image-int16")
            ? notFound
            : unsupported;
    }

    /// <summary>What is said where there is no image: 415, or the placeholder where the client asked for it.</summary>
    private static Refusal Unsupported(RefusedRequest request, CoreTraits traits)
    {
        // With another value than a Boolean, younger versions fail with code 3 and never come here.
        if (!request.Arguments.TryGetValue("returnUnsupportedImage", out var wish)
            || (traits.PlaceholderCanBeRefused && wish is "0" or "false"))
        {
            return Refusal.Status(415);
        }

        // Up to the root, as seen from the last component.
        return Refusal.Redirect((request.IsOfFrame ? "../../../../" : "../../") + "app/images/unsupported.png");
    }

    private static bool IsQuality(string text) =>
        !text.StartsWith('-') && LexicalCast.IsUnsigned(text) && LexicalCast.TryInteger(text, out var quality) && quality is >= 1 and <= 100;

    private static bool IsNumberOrAbsent(IReadOnlyDictionary<string, string> arguments, string name) =>
        !arguments.TryGetValue(name, out var text) || LexicalCast.TryNumber(text.Trim(), out _);

    private static bool IsSizeOrAbsent(IReadOnlyDictionary<string, string> arguments, string name) =>
        !arguments.TryGetValue(name, out var text) || (LexicalCast.TryInteger(text, out var size) && size >= 0);
}
