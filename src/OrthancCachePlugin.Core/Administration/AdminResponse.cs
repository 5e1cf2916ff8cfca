namespace OrthancCachePlugin.Core.Administration;

/// <summary>What one of our own routes answers.</summary>
public sealed record AdminResponse
{
    public required int Status { get; init; }

    public string ContentType { get; init; } = "application/json";

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>200 with JSON that no cache keeps.</summary>
    public static AdminResponse Json(ReadOnlyMemory<byte> json) => new()
    {
        Status = 200,
        Body = json,
        Headers = [new("Cache-Control", "no-store")],
    };

    /// <summary>An error in the form of the host's own. The message is for people and names no resource.</summary>
    public static AdminResponse Error(int status, string error, string message) => new()
    {
        Status = status,
        Body = JsonText.Write(writer =>
        {
            writer.WriteString("HttpError", error);
            writer.WriteNumber("HttpStatus", status);
            writer.WriteString("Message", message);
        }),
        Headers = [new("Cache-Control", "no-store")],
    };

    public static AdminResponse BadRequest(string message) => Error(400, "Bad Request", message);

    public static AdminResponse NotFound(string message) => Error(404, "Not Found", message);

    /// <summary>503 with the seconds after which to ask again (RFC 9110 section 15.6.4).</summary>
    public static AdminResponse Unavailable(string message, int retryAfter)
    {
        var response = Error(503, "Service Unavailable", message);
        return response with
        {
            Headers = [.. response.Headers, new("Retry-After", retryAfter.ToString(System.Globalization.CultureInfo.InvariantCulture))],
        };
    }

    /// <summary>405 with the methods that would do (RFC 9110 section 15.5.6).</summary>
    public static AdminResponse MethodNotAllowed(string allowed)
    {
        var response = Error(405, "Method Not Allowed", $"this takes {allowed}");
        return response with { Headers = [.. response.Headers, new("Allow", allowed)] };
    }
}
