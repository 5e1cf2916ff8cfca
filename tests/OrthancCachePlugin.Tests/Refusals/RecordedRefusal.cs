using System.Text.Json;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Refusals;

namespace OrthancCachePlugin.Tests.Refusals;

/// <summary>
/// One line of <c>refusals-1.10.1.json</c>: a request, what a real Orthanc 1.10.1 said of it through an internal call, and what the same
/// Orthanc said to the same request from outside. Identifiers are shortened.
/// </summary>
/// <param name="Matlab">What the internal call said of the frame as a matrix; null where the route is none of an image.</param>
internal sealed record RecordedRefusal(RefusedRequest Request, OriginReply Reply, int? Matlab, Refusal Expected) : IOriginProbe
{
    /// <summary>The instance whose transfer syntax Orthanc cannot decode.</summary>
    private const string Undecodable = "/instances/id8/";

    public static IReadOnlyList<RecordedRefusal> All { get; } = Read();

    public int Ask(string path)
    {
        if (path.EndsWith("/image-uint8", StringComparison.Ordinal) || path.EndsWith("/matlab", StringComparison.Ordinal))
        {
            var code = Matlab ?? throw new InvalidOperationException("asked in vain: " + path);
            return code == OriginCode.Success || path.EndsWith("/matlab", StringComparison.Ordinal) ? code : OriginCode.UnknownResource;
        }

        return path.EndsWith("/metadata", StringComparison.Ordinal)
            ? path.StartsWith("/instances/id", StringComparison.Ordinal) ? OriginCode.Success : OriginCode.UnknownResource
            : path == Undecodable + "frames/0/raw" ? OriginCode.Success : OriginCode.NotImplemented;
    }

    public string? Read(string path) =>
        path.EndsWith("/frames", StringComparison.Ordinal)
            ? Matlab == OriginCode.UnknownResource ? null : Matlab == OriginCode.ParameterOutOfRange ? "[]" : $"[ \"{Request.Frame}\" ]"
        : path == Undecodable + "metadata/TransferSyntax" ? "1.2.840.10008.1.2.4.91" : "1.2.840.10008.1.2.1";

    public override string ToString() =>
        $"{Request.Method} {Request.Sibling(Request.Name)} {string.Join('&', Request.Arguments)} Accept: {Request.Accept} "
        + System.Text.Encoding.UTF8.GetString(Request.Body.Span);

    private static List<RecordedRefusal> Read()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Refusals", "refusals-1.10.1.json")));
        return [.. document.RootElement.EnumerateArray().Select(Read)];
    }

    private static RecordedRefusal Read(JsonElement row)
    {
        string? Text(int index) => row[index].GetString();
        var arguments = new Dictionary<string, string>();
        foreach (var argument in Text(2)!.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = argument.IndexOf('=', StringComparison.Ordinal);
            arguments[argument[..equals]] = argument[(equals + 1)..];
        }

        var request = new RefusedRequest(Text(1)!)
        {
            Method = Enum.Parse<HttpMethod>(Text(0)!, ignoreCase: true),
            Arguments = arguments,
            Accept = Text(3),
            Body = System.Text.Encoding.UTF8.GetBytes(Text(4) ?? ""),
        };
        var status = row[6].GetInt32();
        var reply = new OriginReply(row[5].GetInt32(), status, status is not (0 or 404), null, Text(7));
        int? matlab = row[8].ValueKind == JsonValueKind.Null ? null : row[8].GetInt32();
        return new(request, reply, matlab, new Refusal(Enum.Parse<RefusalKind>(Text(9)!), row[10].GetInt32(), Text(11) is { Length: > 0 } text ? text : null));
    }
}
