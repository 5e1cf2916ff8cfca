using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// The texts that the origin adds to an error and that its internal calls leave behind (OrthancException keeps them, the SDK returns the
/// code alone). Only those that follow from the request for certain; the rest stays without. Pure.
/// </summary>
internal static class LostDetails
{
    /// <summary>Nobody names more tags by mistake, and each question takes its time.</summary>
    private const int MaximumQuestions = 16;

    /// <summary>The text, or null.</summary>
    public static string? Find(RefusedRequest request, int code, OriginTraits traits, IOriginProbe probe)
    {
        if (request.IsArchive)
        {
            return OfArchive(request, code, traits);
        }

        return code switch
        {
            OriginCode.ParameterOutOfRange => OfArguments(request, traits),
            OriginCode.InternalError when request.IsInstance => OfAnotherLevel(request, probe),
            OriginCode.NotImplemented when request.IsOfFrame => OfUndecodable(request, traits, probe),
            OriginCode.BadRequest when request.IsOfFrame && request.Name is "raw" or "raw.gz" && traits.ExplainsFrames =>
                "Cannot extract a frame from a DICOM file that does not have pixel data.",
            OriginCode.BadFileFormat when request.IsOfFrame && request.Name is "raw" or "raw.gz" =>
                probe.Ask(request.Sibling("content/7fe0-0010")) == OriginCode.Success ? null : "Cannot access a raw frame",
            OriginCode.UnknownDicomTag when traits.NamesUnknownTags => OfUnknownTag(request, probe),
            _ => null,
        };
    }

    private static string? OfArchive(RefusedRequest request, int code, OriginTraits traits)
    {
        if (code == OriginCode.InexistentItem)
        {
            return "Missing resource while creating an archive: " + request.Id;
        }

        if (request.Method != Http.HttpMethod.Get)
        {
            return ArchiveOrder.Read(request.Body, traits).Complaint is { } complaint && complaint.Number == code ? complaint.Text : null;
        }

        return code == OriginCode.ParameterOutOfRange ? OfTranscoding(request, traits, qualityFirst: false) : null;
    }

    /// <summary>Arguments that are read before anything else is looked at, in the order in which they are read.</summary>
    private static string? OfArguments(RefusedRequest request, OriginTraits traits)
    {
        if (request.IsOfFrame && request.Name == "numpy")
        {
            return OfBoolean(request, "compress") ?? OfBoolean(request, "rescale")
                ?? (LexicalCast.IsStrictUnsigned(request.Frame) ? null : "Expected an unsigned integer for the \"frame\" argument");
        }

        if (!traits.ReadsBooleans)
        {
            return null;
        }

        if (request.IsImage)
        {
            return OfBoolean(request, "returnUnsupportedImage");
        }

        return request.Name switch
        {
            "metadata" => OfBoolean(request, "expand"),
            "tags" or "simplified-tags" => OfBoolean(request, "whole"),
            "file" => OfTranscoding(request, traits, qualityFirst: !traits.FileReadsSyntaxFirst),
            _ => null,
        };
    }

    private static string? OfTranscoding(RefusedRequest request, OriginTraits traits, bool qualityFirst)
    {
        if (!request.Arguments.TryGetValue("transcode", out var syntax))
        {
            return null;
        }

        var quality = request.Arguments.GetValueOrDefault("lossy-quality", "");
        var isQualityWrong = traits.ReadsLossyQuality && quality.Length > 0 && !LexicalCast.IsStrictUnsigned(quality);
        return isQualityWrong && (qualityFirst || TransferSyntaxes.IsKnown(syntax))
            ? "Expected a Unsigned Int for GET argument \"lossy-quality\", found: " + quality
            : "Unknown transfer syntax: " + syntax;
    }

    private static string? OfBoolean(RefusedRequest request, string name) =>
        request.Arguments.TryGetValue(name, out var value) && !LexicalCast.IsBooleanArgument(value)
            ? $"Expected a Boolean for GET argument \"{name}\", found: {value}"
            : null;

    /// <summary>
    /// The first name that is no tag. Numbers, in two ways of writing, always are tags; names are looked up in a dictionary that only the
    /// core has. Where there is a choice it is asked for one name after the other, of an instance that does not exist: it reads the
    /// names first.
    /// </summary>
    private static string? OfUnknownTag(RefusedRequest request, IOriginProbe probe)
    {
        if (!request.Arguments.TryGetValue("ignore-length", out var tags))
        {
            return null;
        }

        var names = Array.FindAll(tags.Split(','), t => !IsTagNumber(t));
        for (var i = 0; i < names.Length && names.Length <= MaximumQuestions; i++)
        {
            // A number that is none of a tag is no name either, and the last one is left where all others are known.
            if (names[i].Length == 0 || IsHexadecimal(names[i]) || i == names.Length - 1
                || probe.Ask("/instances/0/tags?ignore-length=" + names[i]) == OriginCode.UnknownDicomTag)
            {
                return names[i];
            }
        }

        return null;
    }

    private static bool IsTagNumber(string text) =>
        (text.Length == 8 && IsHexadecimal(text))
        || (text.Length == 9 && text[4] == '-' && IsHexadecimal(text.Remove(4, 1)));

    private static bool IsHexadecimal(string text)
    {
        foreach (var c in text)
        {
            if (!char.IsAsciiHexDigit(c))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>
    /// The identifier of a study where one of an instance is expected: it exists, but has no DICOM file (1.10.1; later versions look the
    /// level up and say that the resource is unknown).
    /// </summary>
    private static string? OfAnotherLevel(RefusedRequest request, IOriginProbe probe)
    {
        if (probe.Ask(request.Sibling("metadata")) != OriginCode.UnknownResource)
        {
            return null;
        }

        return request.Name == "header"
            ? "Unable to read the DICOM file of instance " + request.Id
            : "Unable to read attachment dicom of instance " + request.Id;
    }

    /// <summary>The built-in decoder names the transfer syntax that it cannot decode; without pixel data it says nothing.</summary>
    private static string? OfUndecodable(RefusedRequest request, OriginTraits traits, IOriginProbe probe)
    {
        var isMatlab = request.Name == "matlab";
        if (isMatlab && traits.NamesUndecodableInstances)
        {
            return "Cannot decode DICOM instance with ID: " + request.Id;
        }

        // Whoever has no pixel data has no raw frame either.
        if ((isMatlab && traits.ExplainsFrames) || !(isMatlab || request.Name == "numpy")
            || probe.Read(request.Sibling("metadata/TransferSyntax")) is not { } syntax
            || probe.Ask(request.Sibling("frames/0/raw")) != OriginCode.Success)
        {
            return null;
        }

        if (!TransferSyntaxes.IsDecodable(syntax))
        {
            return "The built-in DCMTK decoder cannot decode some DICOM instance whose transfer syntax is: " + syntax;
        }

        // Colour and signed numbers of that size have no pixel format at all, which is found first and not explained.
        return traits.ExplainsFrames
            && (IsAbove(probe, request, "content/0028-0100", 32) || IsAbove(probe, request, "content/0028-0101", 31))
            && !IsAbove(probe, request, "content/0028-0002", 1)
            && !IsAbove(probe, request, "content/0028-0103", 0)
            ? "No support for BitsAllocated > 32 or BitsStored >= 32"
            : null;
    }

    /// <summary>Whether a number of 16 bits, given as it stands in the file, is above a limit below 256: in either order of bytes.</summary>
    private static bool IsAbove(IOriginProbe probe, RefusedRequest request, string tag, int limit) =>
        probe.Read(request.Sibling(tag)) is { Length: 2 } bytes && Math.Max(bytes[0], bytes[1]) > limit;
}
