using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>
/// Keeps pages of other sites from changing anything in the name of whoever has them open: a browser sends its user's credentials
/// along with a form that any page may submit.
/// </summary>
/// <remarks>
/// A browser names the site (<c>Sec-Fetch-Site</c>, Fetch Metadata) or at least the origin (RFC 6454) with each such request. Where it
/// says that they are not ours, or where only the origin is known, a header is asked for that no form can send and that no script of
/// another origin may send without leave, which Orthanc never gives. Whoever names neither is no browser.
/// </remarks>
public static class CrossSiteGuard
{
    /// <summary>What our page sends.</summary>
    public const string Header = "x-requested-with";

    /// <summary>Whether a request that changes something may be carried out.</summary>
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

    /// <summary>The three content types that a form can send are not among them.</summary>
    private static bool IsJson(AdminRequest request) =>
        request.Header("content-type").Split(';', 2)[0].Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase);
}
