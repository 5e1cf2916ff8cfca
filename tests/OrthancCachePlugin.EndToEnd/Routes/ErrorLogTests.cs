using System.Text.RegularExpressions;
using OrthancCachePlugin.EndToEnd.Comparison;

namespace OrthancCachePlugin.EndToEnd.Routes;

/// <summary>
/// Hospitals let lines of level E wake somebody: an ordinary request that ends in an error writes as many of them as it does with the bare
/// core, and is answered the same.
/// </summary>
public sealed partial class ErrorLogTests(RouteServers servers) : IClassFixture<RouteServers>
{
    private const string Unknown = "00000000-00000000-00000000-00000000-00000000";

    /// <summary>
    /// Method, target, body, and how many lines more there are at most: Orthanc's own of an SDK call that ends in another error than "unknown
    /// resource" (PluginsManager::InvokeService), which no plugin can avoid; the call that tells what a decoder says of a frame beyond the last one
    /// is one of them.
    /// </summary>
    public static TheoryData<string, string, string, int> Requests()
    {
        var data = new TheoryData<string, string, string, int>();
        foreach (var level in RouteTable.ParentLevels)
        {
            foreach (var route in RouteTable.ParentRoutes)
            {
                data.Add("GET", $"/{level}/{Unknown}/{route}", "", route is "archive" or "media" ? 1 : 0);
            }
        }

        foreach (var route in (string[])["attachments", "file", "frames", "header", "metadata", "pdf", "preview", "raw", "simplified-tags", "tags", "frames/0/raw", "frames/0/preview", "frames/0/matlab"])
        {
            data.Add("GET", $"/instances/{Unknown}/{route}", "", 0);
            data.Add("GET", $"/instances/nonsense/{route}", "", 0);
        }

        data.Add("GET", "/instances/{jpeg2000}/preview", "", 0);
        data.Add("GET", "/instances/{jpeg2000}/frames/0/image-uint16", "", 0);
        data.Add("GET", "/instances/{jpeg2000}/preview?returnUnsupportedImage", "", 0);
        data.Add("GET", "/instances/{jpeg2000}/frames/0/preview?returnUnsupportedImage&quality=50", "", 0);
        data.Add("GET", "/instances/{jpeg2000}/frames/999/preview", "", 0);
        data.Add("GET", "/instances/{report}/preview", "", 0);
        data.Add("GET", "/instances/{report}/frames/1/preview", "", 2);
        data.Add("GET", "/instances/{report}/pdf", "", 0);
        data.Add("GET", "/instances/{image}/pdf", "", 0);
        data.Add("GET", "/instances/{image}/frames/999/preview", "", 1);
        data.Add("GET", "/instances/{image}/frames/999/preview?returnUnsupportedImage", "", 1);
        data.Add("GET", "/instances/{image}/frames/-1/preview", "", 1);
        data.Add("GET", "/instances/{image}/frames/x/preview", "", 0);
        data.Add("GET", "/instances/{image}/frames/x/raw", "", 0);
        data.Add("GET", "/instances/{image}/frames/999/raw", "", 1);
        data.Add("GET", "/instances/{image}/preview?quality=x", "", 0);
        data.Add("GET", "/instances/{image}/preview?quality=1000", "", 0);
        data.Add("GET", "/instances/{image}/frames/0/rendered?width=x", "", 0);
        data.Add("GET", "/instances/{image}/frames/0/rendered?window-center=x", "", 0);
        data.Add("GET", "/instances/{image}/frames/0/nothing", "", 0);
        data.Add("GET", "/instances/{image}/frames/0/preview/more", "", 0);
        data.Add("GET", "/instances/{image}/frames/0/numpy?compress=x", "", 1);
        data.Add("GET", "/instances/{image}/tags?ignore-length=nonsense", "", 1);
        data.Add("GET", "/studies/{study}/archive?transcode=nonsense", "", 1);
        data.Add("PUT", "/instances/{image}/tags", "x", 0);
        data.Add("POST", "/instances/{image}/tags", "{}", 0);
        data.Add("DELETE", "/instances/{image}/tags", "", 0);
        data.Add("DELETE", "/studies/{study}/archive", "", 0);
        data.Add("POST", $"/studies/{Unknown}/archive", "{}", 1);
        data.Add("POST", "/studies/{study}/archive", "nonsense", 1);
        data.Add("POST", "/studies/{study}/archive", "{\"Priority\": \"x\"}", 1);
        data.Add("POST", "/studies/{study}/archive", "{\"Transcode\": \"nonsense\"}", 1);
        return data;
    }

    [Theory]
    [MemberData(nameof(Requests))]
    public void An_ordinary_error_is_no_more_lines_of_level_E_than_with_the_bare_server(string method, string target, string body, int more)
    {
        var image = servers.Upload(DicomFiles.Read("CT_small.dcm"))!;
        target = target.Replace("{image}", image, StringComparison.Ordinal)
            .Replace("{jpeg2000}", servers.Upload(DicomFiles.Read("JPEG2000.dcm"))!, StringComparison.Ordinal)
            .Replace("{report}", servers.Upload(DicomFiles.Read("test-SR.dcm"))!, StringComparison.Ordinal)
            .Replace("{study}", servers.Bare.Client.GetJson($"/instances/{image}/study")["ID"]!.GetValue<string>(), StringComparison.Ordinal);
        var bytes = method is "GET" or "DELETE" ? null : System.Text.Encoding.UTF8.GetBytes(body);

        var (bare, expected) = Send(servers.Bare, method, target, bytes);
        var (ours, lines) = Send(servers.Ours, method, target, bytes);

        ResponseComparison.Difference(target + body, ours, bare).Should().BeNull($"of {method} {target}");
        lines.Length.Should().BeLessThanOrEqualTo(expected.Length + more, $"{method} {target} is a {bare.Status}, and the log said:\n{string.Join('\n', lines)}\nand that of the bare server:\n{string.Join('\n', expected)}\n");
    }

    [Fact]
    public void An_odd_path_still_gets_the_error_of_the_bare_server()
    {
        foreach (var target in (string[])[$"//studies/{Unknown}//shared-tags", $"/studies/{Unknown}/shared-tags/", "/studies/%22%5C%3C/shared-tags", "/studies/%C3%BC/shared-tags", $"/studies/{Unknown}/shared-tags?x=%22"])
        {
            ResponseComparison.Difference(target, servers.Ours.Client.Get(target), servers.Bare.Client.Get(target)).Should().BeNull($"of {target}");
        }
    }

    private static (HttpResponse Respond, string[] Lines) Send(OrthancServer server, string method, string target, byte[]? body)
    {
        var before = server.Log.Length;
        var response = server.Client.Send(method, target, body);
        return (response, [.. server.Log[before..].Split('\n').Where(l => ErrorLine().IsMatch(l))]);
    }

    [GeneratedRegex("^E[0-9]{4} ")]
    private static partial Regex ErrorLine();
}
