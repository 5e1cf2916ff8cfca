using OrthancCachePlugin.EndToEnd.Comparison;
using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Routes;

/// <summary>
/// The odd requests of <c>Data/requests.json</c>: methods, paths, queries, headers and bodies that a careless route, parser or key would
/// take differently than the bare server.
/// </summary>
public sealed class RequestListTests : IClassFixture<RouteServers>
{
    private const int Repetitions = 2;
    private readonly RouteServers servers;
    private readonly Dictionary<string, string> ids;

    public RequestListTests(RouteServers servers)
    {
        this.servers = servers;
        var inverted = servers.Upload(new DicomBuilder(901, 1, 1, 1).Build("inverted", "MONOCHROME1"))!;
        string Sample(string name) => servers.Upload(DicomFiles.Read(name))!;
        string Parent(string id, string level) => servers.Bare.Client.GetJson($"/instances/{id}/{level}")["ID"]!.GetValue<string>();
        var parent = Sample("98892003/MR700/4467");
        ids = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["patient"] = Parent(parent, "patient"),
            ["study"] = Parent(parent, "study"),
            ["series"] = Parent(parent, "series"),
            ["instance"] = Sample("CT_small.dcm"),
            ["bigendian"] = Sample("MR_small_bigendian.dcm"),
            ["color"] = Sample("SC_rgb_small_odd.dcm"),
            ["encapsulated"] = Sample("SC_rgb_rle_2frame.dcm"),
            ["jpeg"] = Sample("JPEG-lossy.dcm"),
            ["jpeg2000"] = Sample("JPEG2000.dcm"),
            ["mono1"] = inverted,
            ["multiframe"] = Sample("rtdose.dcm"),
            ["nopixel"] = Sample("reportsi.dcm"),
            ["pdf"] = servers.Pdf,
            ["rtplan"] = Sample("rtplan.dcm"),
            ["sr"] = Sample("test-SR.dcm"),
            ["unknown"] = "00000000-00000000-00000000-00000000-00000000",
        };
        foreach (var name in (string[])["instance", "study"])
        {
            ids[name.ToUpperInvariant()] = ids[name].ToUpperInvariant();
        }
    }

    public static TheoryData<string> Topics() => [.. ListedRequest.All.Select(r => r.Topic).Distinct()];

    [Theory]
    [MemberData(nameof(Topics))]
    public void Every_listed_request_is_answered_as_by_the_bare_server(string topic)
    {
        var differences = ListedRequest.All.Where(r => r.Topic == topic).SelectMany(Differences).ToList();

        Comparison.Differences.AssertNone(differences, servers.Ours);
    }

    private IEnumerable<string> Differences(ListedRequest request)
    {
        var target = ids.Aggregate(request.Path, (path, id) => path.Replace("{" + id.Key + "}", id.Value, StringComparison.Ordinal));
        // The bare server knows no validator of ours (and answers 400 to a weak tag on metadata), so it is asked without.
        var plain = request.HeaderPairs.Where(h => h.Name is not ("If-None-Match" or "If-Modified-Since")).ToArray();
        var bare = servers.Bare.Client.Send(request.Method, target, request.Bytes, plain);
        for (var turn = 1; turn <= Repetitions; turn++)
        {
            HttpResponse ours;
            try
            {
                ours = servers.Ours.Client.Send(request.Method, target, request.Bytes, request.HeaderPairs);
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
            {
                servers.Ours.AssertSurvived();
                ours = new HttpResponse(0, [new("Error", e.Message)], []);
            }

            var anyTag = request.Method == "GET" && request.HeaderPairs.Contains(("If-None-Match", "*"));
            var difference = anyTag && bare.Status == 200 && ours.Status == 304
                ? null
                : ResponseComparison.Difference(target + request.Body, ContentCoding.Decode(ours), ContentCoding.Decode(bare));
            if (difference is not null)
            {
                yield return $"{request.Name} ({turn}): {request.Method} {target}: {difference}";
            }
        }
    }
}
