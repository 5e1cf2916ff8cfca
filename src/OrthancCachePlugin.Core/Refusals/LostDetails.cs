namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// The texts that the core adds to an error and that its internal calls leave behind (OrthancException keeps them, the SDK returns the
/// code alone). Only those that follow from the request for certain; the rest stays without. Pure.
/// </summary>
internal static class LostDetails
{
    /// <summary>The text, or empty.</summary>
    public static string Find(RefusedRequest request, int code, CoreTraits traits, ICoreProbe probe)
    {
        if (request.IsArchive)
        {
            return OfArchive(request, code, traits);
        }

        return code switch
        {
            CoreCode.ParameterOutOfRange => OfArguments(request, traits),
            CoreCode.InternalError when request.IsInstance => OfAnotherLevel(request, probe),
            CoreCode.NotImplemented when request.IsOfFrame => OfUndecodable(request, probe),
            _ => "",
        };
    }

    private static string OfArchive(RefusedRequest request, int code, CoreTraits traits)
    {
        if (code == CoreCode.InexistentItem)
        {
            return "Missing resource while creating an archive: " + request.Id;
        }

        if (request.Method != Http.HttpMethod.Get)
        {
            return ArchiveOrder.Read(request.Body, traits).Complaint is { } complaint && complaint.Number == code ? complaint.Text : "";
        }

        return code == CoreCode.ParameterOutOfRange ? OfTranscoding(request, traits, qualityFirst: false) : "";
    }

    /// <summary>Arguments that are read before anything else is looked at, in the order in which they are read.</summary>
    private static string OfArguments(RefusedRequest request, CoreTraits traits)
    {
        if (request.IsOfFrame && request.Name == "numpy")
        {
            return OfBoolean(request, "compress") ?? OfBoolean(request, "rescale")
                ?? (LexicalCast.IsStrictUnsigned(request.Frame) ? "" : "Expected an unsigned integer for the \"frame\" argument");
        }

        if (!traits.ReadsBooleans)
        {
            return "";
        }

        if (request.IsImage)
        {
            return OfBoolean(request, "returnUnsupportedImage") ?? "";
        }

        return request.Name switch
        {
            "metadata" => OfBoolean(request, "expand") ?? "",
            "tags" or "simplified-tags" => OfBoolean(request, "whole") ?? "",
            "file" => OfTranscoding(request, traits, qualityFirst: !traits.FileReadsSyntaxFirst),
            _ => "",
        };
    }

    private static string OfTranscoding(RefusedRequest request, CoreTraits traits, bool qualityFirst)
    {
        if (!request.Arguments.TryGetValue("transcode", out var syntax))
        {
            return "";
        }

        var ofSyntax = "Unknown transfer syntax: " + syntax;
        var quality = request.Arguments.GetValueOrDefault("lossy-quality", "");
        var ofQuality = traits.ReadsLossyQuality && quality.Length > 0 && !LexicalCast.IsStrictUnsigned(quality)
            ? "Expected a Unsigned Int for GET argument \"lossy-quality\", found: " + quality
            : null;
        return ofQuality is not null && (qualityFirst || TransferSyntaxes.IsKnown(syntax)) ? ofQuality : ofSyntax;
    }

    private static string? OfBoolean(RefusedRequest request, string name) =>
        request.Arguments.TryGetValue(name, out var value) && !LexicalCast.IsBooleanArgument(value)
            ? $"Expected a Boolean for GET argument \"{name}\", found: {value}"
            : null;

    /// <summary>
    /// The identifier of a study where one of an instance is expected: it exists, but has no DICOM file (1.10.1; later versions look the
    /// level up and say that the resource is unknown).
    /// </summary>
    private static string OfAnotherLevel(RefusedRequest request, ICoreProbe probe)
    {
        if (probe.Ask(request.Sibling("metadata")) != CoreCode.UnknownResource)
        {
            return "";
        }

        return request.Name == "header"
            ? "Unable to read the DICOM file of instance " + request.Id
            : "Unable to read attachment dicom of instance " + request.Id;
    }

    /// <summary>The built-in decoder names the transfer syntax that it cannot decode; without pixel data it says nothing.</summary>
    private static string OfUndecodable(RefusedRequest request, ICoreProbe probe)
    {
        if (request.Name is not ("matlab" or "numpy")
            || probe.Read(request.Sibling("metadata/TransferSyntax")) is not { } syntax || TransferSyntaxes.IsDecodable(syntax))
        {
            return "";
        }

        // Whoever has no pixel data has no raw frame either.
        return probe.Ask(request.Sibling("frames/0/raw")) == CoreCode.Success
            ? "The built-in DCMTK decoder cannot decode some DICOM instance whose transfer syntax is: " + syntax
            : "";
    }
}
