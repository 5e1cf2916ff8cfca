using System.Text.RegularExpressions;

namespace OrthancCachePlugin.EndToEnd.Comparison;

/// <summary>Says how an answer of ours differs from the bare server's, in what a client could tell.</summary>
internal static partial class AnswerComparison
{
    /// <summary>
    /// What we add on purpose, and what describes the transport: the core streams an archive and closes, where we may know the length.
    /// </summary>
    private static readonly HashSet<string> Ours = new(StringComparer.OrdinalIgnoreCase)
    {
        "Date", "Last-Modified", "ETag", "Cache-Control", "Expires", "Vary", "Cache-Status",
        // Bodies are compared decoded; that the coding is one that the client takes is for HitTests.
        "Content-Encoding", "Connection", "Keep-Alive", "Content-Length", "Transfer-Encoding",
    };

    /// <summary>Headers that only an answer with a version may have.</summary>
    private static readonly string[] Validators = ["ETag", "Last-Modified", "Expires", "Cache-Control"];

    /// <summary>The first difference in words, or null.</summary>
    /// <param name="target">The request target, and its body if it has one: they decide what may differ between two servers.</param>
    /// <param name="ours">Our answer.</param>
    /// <param name="bare">The bare server's.</param>
    public static string? Difference(string target, HttpAnswer ours, HttpAnswer bare)
    {
        if (ours.Status == 500 && bare.Status == 200 && bare["Content-Type"] == "application/zip" && ZipListing.IsBroken(bare.Body))
        {
            // The core has sent 200 already when it finds that it cannot go on, and breaks off. An error is what it means.
            return null;
        }

        if (ours.Status != bare.Status)
        {
            return $"status {ours.Status} instead of {bare.Status}";
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
    public static string? BodyDifference(string target, HttpAnswer ours, HttpAnswer bare)
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
    public static string Comparable(string target, HttpAnswer answer)
    {
        if (answer["Content-Type"] == "application/zip" && answer.Status == 200)
        {
            // dcmtk's JPEG-LS encoder leaves some bytes undefined: two requests to one bare server differ.
            return ZipListing.Of(answer.Body, withChecksums: !target.Contains("1.2.840.10008.1.2.4.80", StringComparison.Ordinal));
        }

        // Every byte its own character.
        var text = System.Text.Encoding.Latin1.GetString(answer.Body);
        if (target.Contains("/metadata", StringComparison.Ordinal) || text.Contains("\"LastUpdate\"", StringComparison.Ordinal))
        {
            // ReceptionDate and LastUpdate: the two servers got the files at different moments. The torture test compares the values
            // with what our server's core says.
            text = TimeStamp().Replace(text, "<time>");
        }

        // Identifiers of jobs and of files in the storage are drawn by each server.
        return Uuid().Replace(text, "<uuid>");
    }

    private static string HeaderLines(HttpAnswer answer) => string.Join(", ",
        answer.Headers.Where(h => !Ours.Contains(h.Key)).Select(h => $"{h.Key}: {Uuid().Replace(h.Value, "<uuid>")}").Order(StringComparer.OrdinalIgnoreCase));

    private static string Around(string text, int at) => text.Substring(Math.Max(0, at - 40), Math.Min(120, text.Length - Math.Max(0, at - 40)));

    [GeneratedRegex(@"\b\d{8}T\d{6}\b")]
    private static partial Regex TimeStamp();

    [GeneratedRegex(@"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")]
    private static partial Regex Uuid();
}
