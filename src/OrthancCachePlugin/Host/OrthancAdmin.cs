using System.Text;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Requests;
using OrthancCachePlugin.Core.Administration;

namespace OrthancCachePlugin.Host;

/// <summary>Carries requests to our own routes, and their answers, between Orthanc and <see cref="AdminRoutes"/>.</summary>
/// <remarks>The response is made on a thread with room on its stack, which the HTTP server's own threads lack, and sent from theirs.</remarks>
/// <param name="routes">Who answers.</param>
/// <param name="threads">Where.</param>
/// <param name="namesErrors">Whether the type of a body that is no 200 is ours to say. Since 1.12.2 Orthanc calls it text/plain itself.</param>
internal sealed class OrthancAdmin(AdminRoutes routes, BigStackThreads threads, bool namesErrors)
{
    private const int MethodNotAllowed = 405;

    public OrthancErrorCode Serve(RestOutput output, ReadOnlySpan<byte> path, RestRequest request)
    {
        if (!request.BodyFitsSpan)
        {
            return OrthancErrorCode.NotEnoughMemory;
        }

        var work = new Work(routes, new AdminRequest
        {
            Method = OrthancEvents.Translate(request.Method),
            Path = Encoding.UTF8.GetString(path)[AdminRoutes.Prefix.Length..],
            Headers = HeadersOf(request),
            Body = request.Body.ToArray(),
        });
        threads.Run(work);
        return Send(output, work.Respond!);
    }

    private OrthancErrorCode Send(RestOutput output, AdminResponse response)
    {
        if (response.Status == MethodNotAllowed)
        {
            // Orthanc sends this status through a call of its own, which sets the header.
            return output.SendMethodNotAllowed(Encoding.UTF8.GetBytes(AllowOf(response)));
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

    private sealed class Work(AdminRoutes routes, AdminRequest request) : BigStackThreads.IWork
    {
        public AdminResponse? Respond { get; private set; }

        public bool IsLarge => false;

        public void Execute() => Respond = routes.Respond(request);
    }

    private static string AllowOf(AdminResponse response)
    {
        foreach (var (name, value) in response.Headers)
        {
            if (name == "Allow")
            {
                return value;
            }
        }

        return "GET";
    }
}
