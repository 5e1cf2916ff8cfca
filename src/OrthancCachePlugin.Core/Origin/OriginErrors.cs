using System.Globalization;
using System.Text;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>The error codes of the origin that mean something to us (Enumerations.h). Any other number may come and is passed on.</summary>
public static class OriginCode
{
    public const int InternalError = -1;
    public const int Success = 0;
    public const int NotImplemented = 2;
    public const int ParameterOutOfRange = 3;
    public const int NotEnoughMemory = 4;
    public const int BadParameterType = 5;
    public const int InexistentItem = 7;
    public const int BadRequest = 8;
    public const int BadFileFormat = 15;
    public const int UnknownResource = 17;
    public const int UnknownDicomTag = 27;
}

/// <summary>The ways in which the origin reports an error (HttpServer, RestApi, RestApiOutput, HttpOutput).</summary>
public enum OriginErrorKind
{
    /// <summary>An exception: the status follows from the code, the body is JSON.</summary>
    Code,

    /// <summary>A bare status with an empty body.</summary>
    Status,

    /// <summary>405 with the header <c>Allow</c>.</summary>
    MethodNotAllowed,

    /// <summary>A redirection, 301 or 307 as the version has it.</summary>
    Redirect,

    /// <summary>307, of our own.</summary>
    TemporaryRedirect,

    /// <summary>503, of our own: the text is when to try again, in seconds.</summary>
    Busy,
}

/// <summary>What the client is told. Texts stand for bytes, one character each (Latin-1).</summary>
/// <param name="Kind">How the origin says it.</param>
/// <param name="Number">The error code or the status.</param>
/// <param name="Text">Details of an error of our own, the methods allowed, or the place to go to.</param>
public readonly record struct OriginError(OriginErrorKind Kind, int Number, string? Text = null)
{
    public static OriginError OfCode(int code, string? details = null) => new(OriginErrorKind.Code, code, details);

    public static OriginError OfStatus(int status) => new(OriginErrorKind.Status, status);
}

/// <summary>What an internal call said that did not end in a 200.</summary>
/// <param name="Code">The error of the call itself; 0 where the call gave a response.</param>
/// <param name="Status">The HTTP status; 0 where the call failed.</param>
/// <param name="HasHeaders">Whether the response had any header, those of the connection included.</param>
public readonly record struct OriginReply(int Code, int Status = 0, bool HasHeaders = false, string? Location = null, string? Allow = null);

/// <summary>A request that ended in an error, taken apart. Texts stand for bytes (Latin-1).</summary>
public sealed record OriginRequest
{
    private readonly string[] _components;

    /// <param name="path">Without trailing slash, not decoded again.</param>
    public OriginRequest(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Path = path;
        _components = path.Split('/');
    }

    public string Path { get; }

    public HttpMethod Method { get; init; }

    /// <summary>Of equal names the last one, as in the origin.</summary>
    public IReadOnlyDictionary<string, string> Arguments { get; init; } = new Dictionary<string, string>();

    public string? Accept { get; init; }

    /// <summary>The body of a POST.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The last component.</summary>
    public string Name => _components[^1];

    /// <summary>The identifier as the client wrote it.</summary>
    public string Id => Component(2);

    public bool IsInstance => Component(1) == "instances";

    /// <summary>Whether it is <c>/instances/{id}/frames/{n}/{name}</c>.</summary>
    public bool IsOfFrame => IsInstance && _components.Length == 6 && Component(3) == "frames";

    /// <summary>The first frame where the path names none.</summary>
    public string Frame => IsOfFrame ? Component(4) : "0";

    public bool IsArchive => _components.Length == 4 && !IsInstance && Name is "archive" or "media";

    /// <summary>Whether the route answers with an image, and so says 404, 415 or redirects instead of failing.</summary>
    public bool IsImage => IsOfFrame
        ? Name is "preview" or "rendered" or "image-uint8" or "image-uint16" or "image-int16"
        : IsInstance && _components.Length == 4 && Name == "preview";

    /// <summary>The path of something else of the same resource.</summary>
    public string Sibling(string tail) => $"/{Component(1)}/{Component(2)}/{tail}";

    private string Component(int index) => index < _components.Length ? _components[index] : "";
}

/// <summary>
/// Finds the error that the origin would have sent to the client, from what an internal call says of it. Status, code and headers are
/// those of the origin; the details that its exceptions carry are lost in the call. Pure but for the questions.
/// </summary>
/// <remarks>
/// Before 1.13.0 the call reports every status but 200 of a GET as "unknown resource": 404, 415 and the placeholder image are told apart by
/// the request and a few questions, in the order of OrthancRestResources (GetImage, RenderedFrameHandler). Checked against 2,602
/// requests recorded from Orthanc 1.10.1, bare and through an internal call.
/// </remarks>
/// <param name="isAtLeast">Whether the server's version is that one or a later one.</param>
/// <param name="ask">A GET of the origin without headers: its error code (0 for a 200), and the body of a 200.</param>
public sealed class OriginErrors(Func<int, int, int, bool> isAtLeast, Func<string, (int Code, string? Body)> ask)
{
    private const string Jpeg = "image/jpeg";
    private static readonly string[] ImageTypes = ["image/png", Jpeg, "image/x-portable-arbitrarymap"];

    /// <summary>Those that Orthanc decodes itself (below 1.2.840.10008.1.2): uncompressed, deflated, JPEG, JPEG-LS, RLE.</summary>
    private static readonly string[] DecodableSyntaxes =
        ["", ".1", ".1.99", ".2", ".4.50", ".4.51", ".4.53", ".4.55", ".4.57", ".4.70", ".4.80", ".4.81", ".5"];

    /// <summary>Since 1.13.0 an internal GET reports status and headers of what is no 200 (IHttpHandler::SimpleGet).</summary>
    private readonly bool _tellsStatusOfGet = isAtLeast(1, 13, 0);

    /// <summary>Since 1.12.7 <c>returnUnsupportedImage=false</c> means no; before, the name alone means yes.</summary>
    private readonly bool _placeholderCanBeDeclined = isAtLeast(1, 12, 7);

    /// <summary>
    /// Since 1.12.7 the last of several <c>q</c> counts, one without value is malformed, and none is read in a range that nothing matches;
    /// before, the first one counts, everywhere.
    /// </summary>
    private readonly bool _lastQualityCounts = isAtLeast(1, 12, 7);

    private readonly bool _transcodesFile = isAtLeast(1, 12, 2);

    /// <summary>The error for a C++ exception that the guard caught, as the origin's HTTP server sorts them (HttpServer.cpp, Callback).</summary>
    /// <param name="kind">As exception_guard.cpp numbers them: lexical cast, file system, runtime, memory, other.</param>
    public static OriginError OfException(int kind) => OriginError.OfCode(kind switch
    {
        1 => OriginCode.BadParameterType,
        3 => OriginCode.BadRequest,
        4 => OriginCode.NotEnoughMemory,
        _ => OriginCode.InternalError,
    });

    public OriginError Read(OriginRequest request, OriginReply reply)
    {
        ArgumentNullException.ThrowIfNull(request);
        return reply.Code switch
        {
            OriginCode.Success => OfStatus(request, reply),
            OriginCode.UnknownResource => OfUnknown(request),
            _ => OriginError.OfCode(reply.Code),
        };
    }

    /// <summary>The status of an error code (ConvertErrorCodeToHttpStatus); 0 where only the origin is to say it.</summary>
    public static int StatusOf(int code) => Describe(code).Status;

    /// <summary>
    /// The body of an error, as MyHttpExceptionFormatter and JsonCpp write it. A callback that returns the code gets the same response,
    /// and a line of level E in the log that bare Orthanc does not write.
    /// </summary>
    /// <returns>Null where the texts have letters that JsonCpp would escape by rules that are not repeated here.</returns>
    public static byte[]? WriteBody(OriginRequest request, int code, string? details)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (status, description) = Describe(code);
        if (status == 0 || !IsPlain(request.Path) || !IsPlain(details ?? ""))
        {
            return null;
        }

        var error = status switch { 400 => "Bad Request", 404 => "Not Found", _ => "Internal Server Error" };
        return Encoding.ASCII.GetBytes(
            "{\n" + (details is null ? "" : $"\t\"Details\" : \"{Escape(details)}\",\n")
            + string.Create(CultureInfo.InvariantCulture, $"\t\"HttpError\" : \"{error}\",\n\t\"HttpStatus\" : {status},\n")
            + $"\t\"Message\" : \"{description}\",\n\t\"Method\" : \"{request.Method.ToString().ToUpperInvariant()}\",\n"
            + string.Create(CultureInfo.InvariantCulture, $"\t\"OrthancError\" : \"{description}\",\n\t\"OrthancStatus\" : {code},\n")
            + $"\t\"Uri\" : \"{Escape(request.Path)}\"\n}}\n");
    }

    /// <summary><c>boost::lexical_cast</c> to <c>int</c>.</summary>
    internal static bool TryInteger(string text, out int value) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static (int Status, string Description) Describe(int code) => code switch
    {
        OriginCode.InternalError => (500, "Internal error"),
        OriginCode.NotImplemented => (500, "Not implemented yet"),
        OriginCode.ParameterOutOfRange => (400, "Parameter out of range"),
        OriginCode.BadParameterType => (400, "Bad type for a parameter"),
        OriginCode.InexistentItem => (404, "Accessing an inexistent item"),
        OriginCode.BadRequest => (400, "Bad request"),
        OriginCode.BadFileFormat => (400, "Bad file format"),
        OriginCode.UnknownResource => (404, "Unknown resource"),
        OriginCode.UnknownDicomTag => (500, "Unknown DICOM tag"),
        _ => (0, ""),
    };

    private static bool IsPlain(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <summary>The methods with a handler on our routes, without blanks as RestApi writes them.</summary>
    private static string AllowedMethods(OriginRequest request) => request.IsArchive ? "GET,POST" : "GET";

    private static OriginError NotAllowed(string methods) => new(OriginErrorKind.MethodNotAllowed, 405, methods);

    /// <summary>The call gave a response that is no 200.</summary>
    private static OriginError OfStatus(OriginRequest request, OriginReply reply) => reply.Status switch
    {
        404 when !reply.HasHeaders => OriginError.OfCode(OriginCode.UnknownResource), // no handler: an exception
        405 => NotAllowed(string.IsNullOrEmpty(reply.Allow) ? AllowedMethods(request) : reply.Allow),
        301 or 307 when !string.IsNullOrEmpty(reply.Location) => new(OriginErrorKind.Redirect, 0, reply.Location),
        < 400 => OriginError.OfCode(OriginCode.InternalError), // cannot be sent as a bare status
        _ => OriginError.OfStatus(reply.Status),
    };

    /// <summary>The call failed with "unknown resource": that, or a status, or a redirection.</summary>
    private OriginError OfUnknown(OriginRequest request)
    {
        if (request.Method != HttpMethod.Get && !(request.Method == HttpMethod.Post && request.IsArchive))
        {
            return NotAllowed(AllowedMethods(request));
        }

        var unknown = OriginError.OfCode(OriginCode.UnknownResource);
        if (request.Method != HttpMethod.Get || _tellsStatusOfGet)
        {
            return unknown;
        }

        if (request.IsImage)
        {
            return OfImage(request);
        }

        // Handlers that return without a word: no such frame, no PDF in this instance, no other encoding of it.
        var isSilent = request.IsOfFrame
            ? request.Name is "raw" or "raw.gz" or "matlab" && !IsUnsigned(request.Frame)
            : request.IsInstance
                && (request.Name == "pdf" || (request.Name == "file" && _transcodesFile && request.Arguments.ContainsKey("transcode")))
                && ask(request.Sibling("metadata")).Code == OriginCode.Success;
        return isSilent ? OriginError.OfStatus(404) : unknown;
    }

    /// <summary>404 where there is no such frame or the arguments are wrong; else 415, or the placeholder where the client asked for it.</summary>
    private OriginError OfImage(OriginRequest request)
    {
        // Decodes the frame as for the image, custom decoders included, without the arguments of the request.
        if (!IsUnsigned(request.Frame) || !HasFrame(request)
            || (HasWrongArguments(request) && ask(request.Sibling($"frames/{request.Frame}/image-uint8")).Code == OriginCode.Success))
        {
            return OriginError.OfStatus(404);
        }

        return request.Arguments.TryGetValue("returnUnsupportedImage", out var wish) && !(_placeholderCanBeDeclined && wish is "0" or "false")
            ? new(OriginErrorKind.Redirect, 0, (request.IsOfFrame ? "../../../../" : "../../") + "app/images/unsupported.png")
            : OriginError.OfStatus(415);
    }

    /// <summary>By questions that write no line of level E into the log, as far as there are any.</summary>
    private bool HasFrame(OriginRequest request)
    {
        if (ask(request.Sibling("frames")).Body is { } frames && TryInteger(request.Frame, out var frame)
            && frames.Split(['[', ',', ']', '"', ' ', '\t', '\n']).Contains(frame.ToString(CultureInfo.InvariantCulture)))
        {
            return true;
        }

        // The transfer syntax is looked at before the number; else the decoder says what it says.
        const string Root = "1.2.840.10008.1.2";
        return (ask(request.Sibling("metadata/TransferSyntax")).Body is { } syntax
                && !(syntax.StartsWith(Root, StringComparison.Ordinal) && DecodableSyntaxes.Contains(syntax[Root.Length..])))
            || ask(request.Sibling($"frames/{request.Frame}/matlab")).Code is not (OriginCode.ParameterOutOfRange or OriginCode.UnknownResource);
    }

    /// <summary>Whether the origin answers 404 to the arguments, and not 415, once it has decoded the frame.</summary>
    private bool HasWrongArguments(OriginRequest request)
    {
        var arguments = request.Arguments;
        bool Is(string name, Func<string, bool> isRight) => !arguments.TryGetValue(name, out var text) || isRight(text);
        if (request.Name == "rendered")
        {
            bool IsNumber(string text) => TryNumber(text.Trim(), out _);
            bool IsSize(string text) => TryInteger(text, out var size) && size >= 0;
            if (!Is("window-width", IsNumber) || !Is("window-center", IsNumber) || !Is("width", IsSize) || !Is("height", IsSize))
            {
                return true;
            }

            if (!Is("smooth", t => t.Trim() is "0" or "1" or "false" or "true"))
            {
                return false;
            }
        }

        // The quality of JPEG is read before the format is chosen. JPEG has no images of 16 bits.
        return Is("quality", t => !t.StartsWith('-') && TryInteger(t, out var quality) && quality is >= 1 and <= 100)
            && TryChooseImageType(request.Accept ?? "*/*", out var chosen)
            && (chosen is null || (chosen == Jpeg && request.Name is "image-uint16" or "image-int16"));
    }

    /// <summary>The type chosen by <c>Accept</c> (HttpContentNegociation): the most specific and then the best weighed; case-sensitive.</summary>
    /// <returns>False where a weight is malformed, which the origin takes for an error.</returns>
    private bool TryChooseImageType(string accept, out string? chosen)
    {
        chosen = null;
        (int Level, double Quality) best = default;
        foreach (var range in accept.Split(','))
        {
            var tokens = range.Split(';');
            var isWeighed = TryReadQuality(tokens.AsSpan(1), out var quality);
            if (!isWeighed && !_lastQualityCounts)
            {
                return false;
            }

            var names = tokens[0].Split('/', 2);
            if (names.Length < 2)
            {
                continue;
            }

            var (type, subtype) = (names[0].Trim(), names[1].Trim());
            var level = subtype != "*" ? 2 : type != "*" ? 1 : 0;
            foreach (var offer in ImageTypes)
            {
                if (level == 0 || (level == 1 ? type == "image" : offer == type + "/" + subtype))
                {
                    if (!isWeighed)
                    {
                        return false;
                    }

                    if (chosen is null || (level, quality).CompareTo(best) > 0)
                    {
                        (chosen, best) = (offer, (level, quality));
                    }
                }
            }
        }

        return true;
    }

    private bool TryReadQuality(ReadOnlySpan<string> parameters, out double quality)
    {
        quality = 1;
        string? text = null;
        foreach (var parameter in parameters)
        {
            var parts = parameter.Split('=', 2);
            if (parts[0].Trim() != "q" || (parts.Length == 1 && !_lastQualityCounts))
            {
                continue;
            }

            text = parts.Length == 1 ? "" : parts[1].Trim();
            if (!_lastQualityCounts)
            {
                break;
            }

            if (text.Length >= 2 && text[0] == '"' && text[^1] == '"')
            {
                text = text[1..^1];
            }
        }

        return text is null || (TryNumber(text, out quality) && quality is >= 0 and <= 1);
    }

    /// <summary><c>boost::lexical_cast</c> to <c>unsigned int</c>: a minus is taken and wraps around; no blanks.</summary>
    private static bool IsUnsigned(string text) =>
        uint.TryParse(text is ['+' or '-', .. var digits] ? digits : text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    /// <summary><c>boost::lexical_cast</c> to <c>double</c>, where infinity and "not a number" have names, signed or not, in any case.</summary>
    private static bool TryNumber(string text, out double value)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (double.TryParse(text, Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value))
        {
            return true;
        }

        value = double.NaN;
        return text.TrimStart('+', '-').ToUpperInvariant() is "NAN" or "INF" or "INFINITY";
    }
}
