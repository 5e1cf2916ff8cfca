using System.Text;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Threads;

namespace OrthancCachePlugin.Host;

/// <summary>Carries requests to our own routes, and their responses, between Orthanc and <see cref="AdminRoutes"/>.</summary>
/// <remarks>The response is made on a thread with room on its stack, which the HTTP server's own threads lack, and sent from theirs.</remarks>
internal sealed class OrthancAdmin(AdminRoutes routes, LargeStackThreads threads, bool namesErrors)
{
    private const int MethodNotAllowed = 405;

    public OrthancErrorCode Serve(RestOutput output, RestRequest request)
    {
        if (!request.BodyFitsSpan)
        {
            return OrthancErrorCode.NotEnoughMemory;
        }

        var work = new Work(routes, new AdminRequest
        {
            Method = OrthancEvents.Translate(request.Method),
            Path = Encoding.UTF8.GetString(request.Path)[AdminRoutes.Prefix.Length..],
            Headers = HeadersOf(request),
            Body = request.Body.ToArray(),
        });
        threads.Run(work);
        return Send(output, work.Response!);
    }

    private OrthancErrorCode Send(RestOutput output, AdminResponse response)
    {
        if (response.Status == MethodNotAllowed)
        {
            // Orthanc sends this status through a call of its own, which sets the header.
            return output.SendMethodNotAllowed(response.Headers.FirstOrDefault(h => h.Key == "Allow").Value ?? "GET");
        }

        var headers = new HeaderBlock();
        foreach (var (name, value) in response.Headers)
        {
            headers.Add(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
        }

        var contentType = Encoding.UTF8.GetBytes(response.ContentType);
        if (response.Status == 200)
        {
            return output.Respond(response.Body.Span, contentType, headers);
        }

        if (contentType.Length > 0 && (namesErrors || response.Body.IsEmpty))
        {
            headers.Add("Content-Type"u8, contentType);
        }

        return output.SendStatus(response.Status, response.Body.Span, headers);
    }

    private static Dictionary<string, string> HeadersOf(RestRequest request)
    {
        var headers = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < request.HeaderCount; i++)
        {
            headers[Encoding.UTF8.GetString(request.HeaderKey(i))] = Encoding.UTF8.GetString(request.HeaderValue(i));
        }

        return headers;
    }

    private sealed class Work(AdminRoutes routes, AdminRequest request) : LargeStackThreads.IWork
    {
        public AdminResponse? Response { get; private set; }

        public void Execute() => Response = routes.Respond(request);
    }
}

internal static class AppFiles
{
    private static readonly (string Name, string ContentType)[] Names =
    [
        ("index.html", "text/html; charset=utf-8"),
        ("app.css", "text/css; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("common.js", "text/javascript; charset=utf-8"),
        ("plots.js", "text/javascript; charset=utf-8"),
        ("resources.js", "text/javascript; charset=utf-8"),
        ("icon.svg", "image/svg+xml"),
    ];

    public static IReadOnlyList<AppFile> Read() => Array.ConvertAll(Names, n => new AppFile(n.Name, n.ContentType, Read(n.Name)));

    public static string ReadExplorerExtension() => Encoding.UTF8.GetString(Read("explorer.js"));

    private static byte[] Read(string name)
    {
        using var stream = typeof(AppFiles).Assembly.GetManifestResourceStream("app/" + name)
            ?? throw new InvalidOperationException($"{name} is not in the library");
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return content;
    }
}
