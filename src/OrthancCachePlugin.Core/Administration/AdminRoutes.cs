using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>
/// Everything below <c>/plugins/response-cache</c>. Authentication is the host's business and has been done when a request comes here.
/// Thread-safe.
/// </summary>
public sealed class AdminRoutes(Figures figures, EntriesRoute entries, WarmRoute warm, AppRoute app)
{
    /// <summary>What all our paths begin with.</summary>
    public const string Prefix = "/plugins/response-cache";

    /// <summary>The regular expression that the host is given: everything below, but not the host's own entry for the plugin.</summary>
    public const string RegularExpression = Prefix + "/(.+)";

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
            ("entries", _) => entries.Respond(request, rest.Length == 0 ? "" : "/" + rest),
            ("warm", "") => warm.Respond(request),
            ("app", _) => app.Respond(request, rest),
            ("app.css" or "app.js" or "icon.svg", "") => app.Respond(request, parts[1]),
            _ => Unknown(),
        };
    }

    private static AdminResponse Unknown() => AdminResponse.NotFound("the response cache has status, entries, warm and app");
}
