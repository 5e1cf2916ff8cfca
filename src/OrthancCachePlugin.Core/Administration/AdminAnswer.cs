namespace OrthancCachePlugin.Core.Administration;

/// <summary>What one of our own routes answers.</summary>
public sealed record AdminAnswer
{
    public required int Status { get; init; }

    public string ContentType { get; init; } = "application/json";

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Further headers.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>200 with JSON that no cache keeps.</summary>
    public static AdminAnswer Json(ReadOnlyMemory<byte> json) => new()
    {
        Status = 200,
        Body = json,
        Headers = [new("Cache-Control", "no-store")],
    };

    /// <summary>An error in the form of the host's own. The message is for people and names no resource.</summary>
    public static AdminAnswer Error(int status, string error, string message) => new()
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

    public static AdminAnswer BadRequest(string message) => Error(400, "Bad Request", message);

    public static AdminAnswer NotFound(string message) => Error(404, "Not Found", message);

    /// <summary>405 with the methods that would do (RFC 9110 section 15.5.6).</summary>
    public static AdminAnswer MethodNotAllowed(string allowed)
    {
        var answer = Error(405, "Method Not Allowed", $"this takes {allowed}");
        return answer with { Headers = [.. answer.Headers, new("Allow", allowed)] };
    }
}
