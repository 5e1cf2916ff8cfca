using System.Globalization;
using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Archives;

/// <summary>An archive that a client asks for.</summary>
/// <param name="Resource">A patient, study or series.</param>
/// <param name="FileQuery">How each file is asked for, as <c>?transcode=1.2.840.10008.1.2.4.50</c>, or empty.</param>
/// <param name="FileName">For <c>Content-Disposition</c>; each character stands for a byte.</param>
/// <param name="IsBare">Without folders above the resource; see <see cref="ArchivePlan.TryRead"/>.</param>
public sealed record ArchiveRequest(Resource Resource, string FileQuery, string FileName, bool IsBare)
{
    /// <summary>By <c>GET</c>. Orthanc ignores arguments that it does not know.</summary>
    public static ArchiveRequest OfGet(IExchange exchange, Resource resource)
    {
        var query = "";
        var name = resource.Id + ".zip";
        for (var i = 0; i < exchange.ArgumentCount; i++)
        {
            var argument = exchange.ArgumentName(i);
            if (argument.SequenceEqual("transcode"u8) || argument.SequenceEqual("lossy-quality"u8))
            {
                query = Add(query, Encoding.ASCII.GetString(argument), Encoding.UTF8.GetString(exchange.ArgumentValue(i)));
            }
            else if (argument.SequenceEqual("filename"u8))
            {
                name = Sanitize(Encoding.Latin1.GetString(exchange.ArgumentValue(i)));
            }
        }

        return new ArchiveRequest(resource, query, name, IsBare: false);
    }

    /// <summary>By <c>POST</c>; null for a job, which is Orthanc's, and for what is not plain.</summary>
    public static ArchiveRequest? OfPost(IExchange exchange, Resource resource)
    {
        var query = "";
        var name = resource.Id + ".zip";
        try
        {
            using var document = JsonDocument.Parse(exchange.Body.ToArray());
            foreach (var member in document.RootElement.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "Synchronous" when member.Value.ValueKind == JsonValueKind.True:
                    case "Asynchronous" when member.Value.ValueKind == JsonValueKind.False:
                        break;
                    case "Priority" when member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out _):
                        break;
                    case "Transcode" when member.Value.ValueKind == JsonValueKind.String:
                        query = Add(query, "transcode", member.Value.GetString()!);
                        break;
                    case "LossyQuality" when member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetUInt32(out var quality):
                        query = Add(query, "lossy-quality", quality.ToString(CultureInfo.InvariantCulture));
                        break;
                    case "Filename" when member.Value.ValueKind == JsonValueKind.String:
                        name = Sanitize(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(member.Value.GetString()!)));
                        break;
                    default:
                        return null;
                }
            }

            return new ArchiveRequest(resource, query, name, IsBare: true);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Add(string query, string name, string value) =>
        $"{query}{(query.Length == 0 ? '?' : '&')}{name}={Uri.EscapeDataString(value)}";

    private static string Sanitize(string name) => string.Concat(name.Where(c => c is not ('"' or '\r' or '\n' or '\0')));
}
