using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>Everything below <c>/plugins/response-cache</c>, after Orthanc has authenticated the client. Thread-safe.</summary>
public sealed class AdminRoutes(Figures figures, EntriesRoute entries, WarmRoute warm, AppRoute app)
{
    public const string Prefix = "/plugins/response-cache";

    public const string RegularExpression = Prefix + "/(.+)"; // for Orthanc: everything below, but not Orthanc's own entry for the plugin

    public AdminResponse Respond(AdminRequest request)
    {
        if (!CrossSiteGuard.Allows(request))
        {
            return AdminResponse.Error(403, "Forbidden", "a page of another site may not do this");
        }

        var parts = request.Path.Split('/', 3);
        var rest = parts.Length == 3 ? parts[2] : "";
        return parts.Length < 2 ? Unknown() : (parts[1], rest) switch
        {
            ("status", "") => request.Method == HttpMethod.Get
                ? AdminResponse.Json(StatusReport.Write(figures))
                : AdminResponse.MethodNotAllowed("GET"),
            ("history", "") => request.Method == HttpMethod.Get
                ? AdminResponse.Json(HistoryReport.Write(figures.Plots))
                : AdminResponse.MethodNotAllowed("GET"),
            ("entries", _) => entries.Respond(request, rest.Length == 0 ? "" : "/" + rest),
            ("warm", "") => warm.Respond(request),
            ("app", _) => app.Respond(request, rest),
            (var file, "") when app.IsFile(file) => app.Respond(request, file),
            _ => Unknown(),
        };
    }

    private static AdminResponse Unknown() => AdminResponse.NotFound("the response cache has status, history, entries, warm and app");
}

public sealed record AdminRequest
{
    public required HttpMethod Method { get; init; }

    /// <summary>What follows <c>/plugins/response-cache</c>, as <c>/status</c>; without query.</summary>
    public required string Path { get; init; }

    /// <summary>Headers by their names in lower case.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public ReadOnlyMemory<byte> Body { get; init; }

    public string Header(string lowerCaseName) => Headers.TryGetValue(lowerCaseName, out var value) ? value : "";
}

public sealed record AdminResponse
{
    public required int Status { get; init; }

    public string ContentType { get; init; } = "application/json";

    public ReadOnlyMemory<byte> Body { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public static AdminResponse Json(ReadOnlyMemory<byte> json) => new()
    {
        Status = 200,
        Body = json,
        Headers = [new("Cache-Control", "no-store")],
    };

    public static AdminResponse Error(int status, string error, string message) => new()
    {
        Status = status,
        Body = JsonText.Write(writer =>
        {
            writer.WriteString("HttpError", error);
            writer.WriteNumber("HttpStatus", status);
            writer.WriteString("Message", message);
        }),
        Headers = [new("Cache-Control", "no-store")],
    };

    public static AdminResponse BadRequest(string message) => Error(400, "Bad Request", message);

    public static AdminResponse NotFound(string message) => Error(404, "Not Found", message);

    /// <summary>503 with <c>Retry-After</c> in seconds (RFC 9110 section 15.6.4).</summary>
    public static AdminResponse Unavailable(string message, int retryAfter)
    {
        var response = Error(503, "Service Unavailable", message);
        return response with
        {
            Headers = [.. response.Headers, new("Retry-After", retryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture))],
        };
    }

    public static AdminResponse MethodNotAllowed(string allowed)
    {
        var response = Error(405, "Method Not Allowed", $"this takes {allowed}");
        return response with { Headers = [.. response.Headers, new("Allow", allowed)] };
    }
}

/// <summary>Keeps pages of other sites from changing anything with the credentials of their visitor. A browser sends <c>Sec-Fetch-Site</c> (Fetch
/// Metadata) or <c>Origin</c> (RFC 6454) with each such request. With a foreign or only an origin, a header is required that no form can send, and no
/// script of another origin without CORS, which Orthanc never allows. A client that sends neither is no browser.</summary>
public static class CrossSiteGuard
{
    public const string Header = "x-requested-with";

    public static bool Allows(AdminRequest request)
    {
        if (request.Method == HttpMethod.Get)
        {
            return true;
        }

        var site = request.Header("sec-fetch-site");
        if (site.Length > 0)
        {
            return site is "same-origin" or "none";
        }

        return request.Header("origin").Length == 0 || request.Header(Header).Length > 0 || IsJson(request);
    }

    /// <summary>No form can send this content type.</summary>
    private static bool IsJson(AdminRequest request) =>
        request.Header("content-type").Split(';', 2)[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
}

internal static class JsonText
{
    // Nothing is escaped for HTML.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}

/// <summary><c>/plugins/response-cache/app/</c>: the page and its files. Orthanc hides whether a path ended with a slash, so the files are served
/// both below <c>app/</c> and beside it. Thread-safe.</summary>
public sealed class AppRoute(IReadOnlyList<AppFile> files)
{
    private const string Index = "index.html";

    /// <summary>Nothing from elsewhere, nothing inline, in no frame but Orthanc's own.</summary>
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

    private readonly Dictionary<string, TaggedFile> _files = files.ToDictionary(f => f.Name, f => new TaggedFile(f, TagOf(f)));

    public bool IsFile(string name) => _files.ContainsKey(name);

    public AdminResponse Respond(AdminRequest request, string name)
    {
        if (!_files.TryGetValue(name.Length == 0 ? Index : name, out var found))
        {
            return AdminResponse.NotFound("the page has no such file");
        }

        if (request.Method != HttpMethod.Get)
        {
            return AdminResponse.MethodNotAllowed("GET");
        }

        KeyValuePair<string, string>[] headers =
        [
            new("ETag", found.Tag),
            new("Cache-Control", "no-cache"),
            new("Content-Security-Policy", Policy),
            new("X-Content-Type-Options", "nosniff"),
            new("Referrer-Policy", "no-referrer"),
        ];
        var isUnchanged = EntityTag.IsNamedBy(
            Encoding.UTF8.GetBytes(request.Header("if-none-match")), Encoding.ASCII.GetBytes(found.Tag.Trim('"')));
        return isUnchanged
            ? new AdminResponse { Status = 304, ContentType = "", Headers = headers }
            : new AdminResponse { Status = 200, ContentType = found.File.ContentType, Body = found.File.Content, Headers = headers };
    }

    private static string TagOf(AppFile file)
    {
        Span<byte> tag = stackalloc byte[2 * Digest128.Size];
        Digest128.Of(file.Content.Span).FormatHex(tag);
        return $"\"{Encoding.ASCII.GetString(tag)}\"";
    }

    private sealed record TaggedFile(AppFile File, string Tag);
}

public sealed record AppFile(string Name, string ContentType, ReadOnlyMemory<byte> Content);
