using System.Text.RegularExpressions;

namespace OrthancCachePlugin.EndToEnd.Comparison;

/// <summary>Says how a response of ours differs from the bare server's, in what a client could tell.</summary>
internal static partial class ResponseComparison
{
    /// <summary>
    /// What we add on purpose, and what describes the transport: the origin streams an archive and closes, where we may know the length.
    /// </summary>
    private static readonly HashSet<string> Ours = new(StringComparer.OrdinalIgnoreCase)
    {
        "Date", "Last-Modified", "ETag", "Cache-Control", "Expires", "Vary", "Cache-Status",
        "Connection", "Keep-Alive", "Content-Length", "Transfer-Encoding",

        // The coding on the wire is ours to choose; bodies are compared decoded.
        "Content-Encoding",
    };

    /// <summary>Details of errors are lost in an internal call of Orthanc.</summary>
    private static readonly Regex ErrorDetails = new("\t\"Details\" : \"(?:[^\"\\\\]|\\\\.)*\",\n", RegexOptions.CultureInvariant);

    /// <summary>
    /// What the requests of <c>Data/requests.json</c> try to write into the headers with a line end in a file name. Orthanc 1.12 and later
    /// let the one in the body of a POST through; ours must not.
    /// </summary>
    private const string Injected = "X-Evil";

    /// <summary>Headers that only a response with a version may have.</summary>
    private static readonly string[] Validators = ["ETag", "Last-Modified", "Expires", "Cache-Control"];

    /// <summary>The first difference in words, or null.</summary>
    /// <param name="target">The request target, and its body if it has one: they decide what may differ between two servers.</param>
    /// <param name="ours">Our response.</param>
    /// <param name="bare">The bare server's.</param>
    public static string? Difference(string target, HttpResponse ours, HttpResponse bare)
    {
        if (IsHalfAnArchive(bare) && ours.Status == 500 && ours.Text.Contains("The archive could not be completed", StringComparison.Ordinal))
        {
            return null; // where the origin's job fails half way, it sends a 200 with half an archive; we say so
        }

        if (ours.Status != bare.Status)
        {
            return $"status {ours.Status} instead of {bare.Status}";
        }

        if (ours.All(Injected).Count > 0)
        {
            return "a header that the client wrote itself";
        }

        var (left, right) = (HeaderLines(ours), HeaderLines(bare));
        if (left != right)
        {
            return $"headers [{left}] instead of [{right}]";
        }

        if (ours.Status != 200 && Validators.FirstOrDefault(v => ours.All(v).Count > bare.All(v).Count) is { } wrong)
        {
            return $"{wrong} on a {ours.Status}";
        }

        return BodyDifference(target, ours, bare);
    }

    /// <summary>The difference of the bodies alone, or null.</summary>
    public static string? BodyDifference(string target, HttpResponse ours, HttpResponse bare)
    {
        if (ours.Body.AsSpan().SequenceEqual(bare.Body))
        {
            return null;
        }

        var (left, right) = (Comparable(target, ours), Comparable(target, bare));
        if (left == right)
        {
            return null;
        }

        var at = left.Zip(right).TakeWhile(p => p.First == p.Second).Count();
        return $"body differs at {at} of {left.Length} / {right.Length}: ...{Around(left, at)}... instead of ...{Around(right, at)}...";
    }

    /// <summary>The body without what two servers, or two requests, never share.</summary>
    public static string Comparable(string target, HttpResponse response)
    {
        // Also numpy's compressed arrays: the time of the request is in there.
        if (response.Status == 200 && response.Body.AsSpan().StartsWith("PK\x03\x04"u8))
        {
            // dcmtk's JPEG-LS encoder leaves some bytes undefined: two requests to one bare server differ.
            return ZipListing.Of(response.Body, withChecksums: !target.Contains("1.2.840.10008.1.2.4.80", StringComparison.Ordinal));
        }

        // Every byte its own character.
        var text = System.Text.Encoding.Latin1.GetString(response.Body);
        var path = target.Split('?')[0];
        if (path.Contains("/metadata", StringComparison.Ordinal) || path.Contains("%00", StringComparison.Ordinal)
            || text.Contains("\"LastUpdate\"", StringComparison.Ordinal))
        {
            // The HTTP server cuts a path at a zero, and then it names a list of resources.
            // ReceptionDate and LastUpdate: the two servers got the files at different moments. A test of its own compares the values
            // with what our server's core says.
            text = TimeStamp().Replace(text, "<time>");
        }

        text = response.Status >= 400 ? ErrorDetails.Replace(text, "") : text;

        // Identifiers of jobs and of files in the storage are drawn by each server.
        return Uuid().Replace(text, "<uuid>");
    }

    private static string HeaderLines(HttpResponse response) => string.Join(", ",
        response.Headers.Where(h => h.Key != Injected && !Ours.Contains(h.Key) && !IsOfBuffers(response, h.Key)).Select(h => $"{h.Key}: {Uuid().Replace(ValueOf(h.Key, h.Value), "<uuid>")}").Order(StringComparer.OrdinalIgnoreCase));

    /// <summary>
    /// Since 1.13.0 the origin leaves quotes and line ends out of the name of a file, and we on every version: before, they end the text or
    /// the header.
    /// </summary>
    private static string ValueOf(string name, string value) =>
        name.Equals("Content-Disposition", StringComparison.OrdinalIgnoreCase) ? value.Replace("\"", "", StringComparison.Ordinal).Split(Injected)[0] : value;

    /// <summary>Error texts are compared without their details.</summary>
    public static string WithoutDetails(byte[] error) => ErrorDetails.Replace(System.Text.Encoding.Latin1.GetString(error), "");

    /// <summary>Since 1.12 the origin adds this to what it sends from a buffer, but not to the archives that it streams.</summary>
    private static bool IsOfBuffers(HttpResponse response, string header) =>
        header == "X-Content-Type-Options" && response["Content-Type"] == "application/zip";

    private static bool IsHalfAnArchive(HttpResponse response) =>
        response.Status == 200 && response["Content-Type"] == "application/zip" && ZipListing.Of(response.Body).StartsWith("a broken archive", StringComparison.Ordinal);

    private static string Around(string text, int at) => text.Substring(Math.Max(0, at - 40), Math.Min(120, text.Length - Math.Max(0, at - 40)));

    [GeneratedRegex(@"\b\d{8}T\d{6}\b")]
    private static partial Regex TimeStamp();

    [GeneratedRegex(@"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")]
    private static partial Regex Uuid();
}
