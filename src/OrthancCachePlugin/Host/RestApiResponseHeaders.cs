using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Bindings.Memory;

namespace OrthancCachePlugin.Host;

/// <summary>
/// The headers of an internal call that matter to us. Orthanc gives them as a JSON object with names in lower case. No other is passed
/// on: the origin sets none on our routes, those of the connection belong to the response from which they come, and a file name with a line
/// break in it, which older versions do not escape, arrives as a header of the client's choice.
/// </summary>
internal sealed class RestApiResponseHeaders
{
    private RestApiResponseHeaders()
    {
    }

    /// <summary>No headers.</summary>
    public static RestApiResponseHeaders Empty { get; } = new();

    /// <summary>How many there are, those that are left out included.</summary>
    public int Count { get; private set; }

    /// <summary>Without zero byte; empty where there is none.</summary>
    public byte[] ContentType { get; private set; } = [];

    public byte[] ContentDisposition { get; private set; } = [];

    public byte[] ContentEncoding { get; private set; } = [];

    public byte[] Location { get; private set; } = [];

    public byte[] Allow { get; private set; } = [];

    /// <summary>Reads them; whatever is no object of texts has no headers.</summary>
    public static RestApiResponseHeaders Parse(OwnedMemoryBuffer json)
    {
        var table = new RestApiResponseHeaders();
        if (json.Size == 0 || !json.FitsSpan)
        {
            return table;
        }

        try
        {
            var reader = new Utf8JsonReader(json.Span);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                {
                    table.Count++;
                    table.Add(ref reader);
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Empty;
        }

        return table;
    }

    private void Add(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("content-type"u8))
        {
            ContentType = Value(ref reader);
        }
        else if (reader.ValueTextEquals("content-disposition"u8))
        {
            ContentDisposition = Value(ref reader);
        }
        else if (reader.ValueTextEquals("content-encoding"u8))
        {
            ContentEncoding = Value(ref reader);
        }
        else if (reader.ValueTextEquals("location"u8))
        {
            Location = Value(ref reader);
        }
        else if (reader.ValueTextEquals("allow"u8))
        {
            Allow = Value(ref reader);
        }
    }

    /// <summary>The bytes as they are where nothing is escaped: they need not be UTF-8.</summary>
    private static byte[] Value(ref Utf8JsonReader reader) => !reader.Read() || reader.TokenType != JsonTokenType.String
        ? []
        : reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan.ToArray();
}
