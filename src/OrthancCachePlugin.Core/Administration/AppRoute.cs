using System.Text;
using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Administration;

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
