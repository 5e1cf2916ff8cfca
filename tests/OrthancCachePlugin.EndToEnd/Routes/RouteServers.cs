using System.Text.Json.Nodes;
using OrthancCachePlugin.EndToEnd.Comparison;

namespace OrthancCachePlugin.EndToEnd.Routes;

/// <summary>Two settled servers with all sample files, one PDF, and a choice of resources that differ in kind.</summary>
public sealed class RouteServers : TwoServers
{
    public RouteServers()
    {
        Pdf = UploadPdf();
        Chosen = [Pdf, .. new[]
        {
            "CT_small.dcm", "MR_small.dcm", "MR-SIEMENS-DICOM-WithOverlays.dcm", "emri_small.dcm", "JPEG2000.dcm", "SC_rgb_rle_32bit.dcm", "rtplan.dcm", "test-SR.dcm", "chrKoreanMulti.dcm",
        }.Where(n => DicomFiles.All.Any(f => f.EndsWith("/" + n, StringComparison.Ordinal))).Select(n => Upload(DicomFiles.Read(n))!)];
        Settle();
    }

    /// <summary>An instance that holds a PDF.</summary>
    public string Pdf { get; }

    /// <summary>Instances of different kinds: with and without image, several frames, compressed, odd encodings.</summary>
    public IReadOnlyList<string> Chosen { get; }

    /// <summary>The ancestors of <see cref="Chosen"/> of a level, and the parents of most instances.</summary>
    public IReadOnlyList<string> ChosenOf(string level)
    {
        if (level == "instances")
        {
            return Chosen;
        }

        var largest = Ids(level).MaxBy(id => int.Parse(Bare.Client.GetJson($"/{level}/{id}/statistics")["CountInstances"]!.ToString(), null))!;
        var parent = level.TrimEnd('s') is "serie" ? "series" : level switch { "studies" => "study", _ => "patient" };
        return [.. Chosen.Select(i => Bare.Client.GetJson($"/instances/{i}/{parent}")["ID"]!.GetValue<string>()).Append(largest).Distinct()];
    }

    /// <summary>
    /// Sends one request to both servers twice, so that the second may be a hit, and says what differs.
    /// </summary>
    internal IEnumerable<string> Differences(string method, string target, string? accept, string? body = null)
    {
        (string, string)[] headers = accept is null ? [] : [("Accept", accept)];
        var bytes = body is null ? null : System.Text.Encoding.UTF8.GetBytes(body);
        var bare = Bare.Client.Send(method, target, bytes, headers);
        foreach (var turn in (string[])["first", "second"])
        {
            HttpResponse ours;
            try
            {
                ours = Ours.Client.Send(method, target, bytes, headers);
            }
            catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
            {
                Ours.AssertSurvived();
                ours = new HttpResponse(0, [new("Error", e.Message)], []);
            }

            Compared++;
            if (ResponseComparison.Difference(target, ContentCoding.Decode(ours), ContentCoding.Decode(bare)) is { } difference)
            {
                yield return $"{turn} {method} {target} (Accept: {accept ?? "-"}): {difference}";
            }
        }
    }

    /// <summary>How many responses were compared.</summary>
    internal int Compared { get; private set; }

    private string UploadPdf()
    {
        var content = Convert.ToBase64String("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"u8);
        var request = $$"""{"Tags":{"PatientID":"PDF","PatientName":"Pdf^Test","StudyDescription":"pdf"},"Content":"data:application/pdf;base64,{{content}}"}""";
        // The server draws the identifiers, so it is made once, and both get the file.
        var made = JsonNode.Parse(Bare.Client.Post("/tools/create-dicom", request).Body)!["ID"]!.GetValue<string>();
        var file = Bare.Client.Get($"/instances/{made}/file").Body;
        Bare.Client.Delete($"/instances/{made}");
        return Upload(file)!;
    }
}
