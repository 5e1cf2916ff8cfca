namespace OrthancCachePlugin.Core.Refusals;

/// <summary>
/// What differs between versions of Orthanc in the errors of our routes. Read from the sources of 1.10.1, 1.12.7 and 1.13.0; for versions
/// in between, from NEWS. Immutable.
/// </summary>
public sealed record OriginTraits
{
    /// <summary>
    /// An internal GET reports the status and the headers of what is no 200. Before, it reports "unknown resource" whatever the status
    /// is (StringHttpOutput::GetBody). Since 1.13.0 (IHttpHandler::SimpleGet).
    /// </summary>
    public bool TellsStatusOfGet { get; init; }

    /// <summary><c>returnUnsupportedImage=false</c> means no; before, the name alone means yes. Since 1.12.7 (NEWS).</summary>
    public bool PlaceholderCanBeRefused { get; init; }

    /// <summary>
    /// Of several <c>q</c> in a range of Accept the last counts, one without value is malformed, and none is looked at in a range that
    /// nothing matches; before, the first one counts, everywhere. Since 1.12.7.
    /// </summary>
    public bool LastQualityCounts { get; init; }

    /// <summary><c>expand</c> and <c>whole</c> are read as Booleans. Since 1.12.2 (NEWS: all "expand" arguments).</summary>
    public bool ReadsBooleans { get; init; }

    /// <summary><c>file</c> takes <c>transcode</c>. Since 1.12.2.</summary>
    public bool TranscodesFile { get; init; }

    /// <summary><c>lossy-quality</c> and <c>LossyQuality</c> are read. Since 1.12.7 (NEWS).</summary>
    public bool ReadsLossyQuality { get; init; }

    /// <summary><c>file</c> reads <c>lossy-quality</c> after <c>transcode</c>, as archives always do. Since 1.13.0.</summary>
    public bool FileReadsSyntaxFirst { get; init; }

    /// <summary>Integers of a JSON body are read as 64 bits and then checked; before, JsonCpp throws. Since 1.13.0.</summary>
    public bool ReadsLongIntegers { get; init; }

    /// <summary>
    /// JsonCpp takes a number beyond the range of floating point for infinity; before, for a mistake. A matter of its version: 1.9.5 in
    /// Debian bookworm, 1.9.6 in trixie. The server's version stands for it.
    /// </summary>
    public bool ReadsInfinity { get; init; }

    /// <summary>An unknown tag is named. Since 1.12 at the latest.</summary>
    public bool NamesUnknownTags { get; init; }

    /// <summary>A matrix of a frame that cannot be decoded is refused with the name of the instance. 1.12 only.</summary>
    public bool NamesUndecodableInstances { get; init; }

    /// <summary>
    /// Who asks for a raw frame without having pixel data, or for a matrix of more than 31 bits, is told so, and a frame that cannot be
    /// decoded is no longer explained. Since 1.13.0.
    /// </summary>
    public bool ExplainsFrames { get; init; }

    /// <summary><c>Utf8</c> of a JSON body is read. Since 1.12.11 (NEWS).</summary>
    public bool ReadsUtf8 { get; init; }

    /// <summary>
    /// A streamed archive cannot go through AnswerBuffer, which would compress it where the origin never does. Before 1.12.2; since then
    /// archives are not among the types that are compressed (HttpOutput::Answer).
    /// </summary>
    public bool BuffersAreAlwaysCompressed { get; init; }

    /// <summary>Those of a version.</summary>
    /// <param name="isAtLeast">Whether the server's version is that one or a later one.</param>
    public static OriginTraits Of(Func<int, int, int, bool> isAtLeast)
    {
        ArgumentNullException.ThrowIfNull(isAtLeast);
        return new OriginTraits
        {
            TellsStatusOfGet = isAtLeast(1, 13, 0),
            PlaceholderCanBeRefused = isAtLeast(1, 12, 7),
            LastQualityCounts = isAtLeast(1, 12, 7),
            ReadsBooleans = isAtLeast(1, 12, 2),
            TranscodesFile = isAtLeast(1, 12, 2),
            ReadsLossyQuality = isAtLeast(1, 12, 7),
            FileReadsSyntaxFirst = isAtLeast(1, 13, 0),
            ReadsLongIntegers = isAtLeast(1, 13, 0),
            ReadsInfinity = isAtLeast(1, 12, 0),
            NamesUnknownTags = isAtLeast(1, 12, 0),
            NamesUndecodableInstances = isAtLeast(1, 12, 0) && !isAtLeast(1, 13, 0),
            ExplainsFrames = isAtLeast(1, 13, 0),
            ReadsUtf8 = isAtLeast(1, 12, 11),
            BuffersAreAlwaysCompressed = !isAtLeast(1, 12, 2),
        };
    }
}
