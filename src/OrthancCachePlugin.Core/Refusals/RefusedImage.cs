namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// Tells why an image route answered nothing. Before Orthanc 1.13.0 an internal call reports every status but 200 as "unknown
/// resource", so 404, 415 and the redirection have to be told apart from the request and a few probes: whether there is such a frame, and
/// whether it can be decoded. They are those that the origin answers without a line of level E in its log, as far as there are any. Follows the order in which the origin looks at things (OrthancRestResources, GetImage and RenderedFrameHandler). Pure.
/// </summary>
internal static class RefusedImage
{
    /// <summary>Decides which refusal the origin meant.</summary>
    public static Refusal Decide(RefusedRequest request, OriginTraits traits, IOriginProbe probe)
    {
        var notFound = Refusal.Status(404);
        if (!LexicalCast.IsUnsigned(request.Frame))
        {
            return notFound;
        }

        if (!IsThere(request, probe))
        {
            return notFound;
        }

        // The same decoding as for the image, custom decoders included, without anything that the request adds.
        return IsNothing(request, traits) && probe.Ask(request.Sibling($"frames/{request.Frame}/image-uint8")) == OriginCode.Success
            ? notFound
            : Unsupported(request, traits);
    }

    /// <summary>Whether the origin says nothing to the request, as to one for no frame, once it has decoded the frame.</summary>
    private static bool IsNothing(RefusedRequest request, OriginTraits traits)
    {
        var arguments = request.Arguments;
        if (request.Name == "rendered")
        {
            if (!IsNumberOrAbsent(arguments, "window-width") || !IsNumberOrAbsent(arguments, "window-center")
                || !IsSizeOrAbsent(arguments, "width") || !IsSizeOrAbsent(arguments, "height"))
            {
                return true;
            }

            if (arguments.TryGetValue("smooth", out var smooth) && smooth.Trim() is not ("0" or "1" or "false" or "true"))
            {
                return false;
            }
        }

        // The origin reads the quality of JPEG before it knows whether it will write a JPEG.
        if (arguments.TryGetValue("quality", out var quality) && !IsQuality(quality))
        {
            return false;
        }

        // JPEG has no images of 16 bits, which the origin reports as a parameter out of range, hence 404.
        return ImageNegotiation.TryChoose(request.Accept ?? "*/*", traits.LastQualityCounts, out var chosen)
            && (chosen is null || (chosen == ImageNegotiation.Jpeg && request.Name is "image-uint16" or "image-int16"));
    }

    /// <summary>Whether the origin finds something else amiss with the frame, if anything, than that there is none of that number.</summary>
    private static bool IsThere(RefusedRequest request, IOriginProbe probe)
    {
        if (probe.Read(request.Sibling("frames")) is { } frames && LexicalCast.TryInteger(request.Frame, out var frame)
            && frames.Split(['[', ',', ']', '"', ' ', '\t', '\n']).Contains(frame.ToString(System.Globalization.CultureInfo.InvariantCulture)))
        {
            return true;
        }

        // The transfer syntax is looked at before the number; else the decoder says whatever it says.
        return (probe.Read(request.Sibling("metadata/TransferSyntax")) is { } syntax && !TransferSyntaxes.IsDecodable(syntax))
            || probe.Ask(request.Sibling($"frames/{request.Frame}/matlab")) is not (OriginCode.ParameterOutOfRange or OriginCode.UnknownResource);
    }

    /// <summary>What is said where there is no image: 415, or the placeholder where the client asked for it.</summary>
    private static Refusal Unsupported(RefusedRequest request, OriginTraits traits)
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
