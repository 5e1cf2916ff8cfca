using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Bindings.Memory;

namespace OrthancCachePlugin.Host;

/// <summary>
/// The headers of an internal call, which Orthanc gives as a JSON object with names in lower case. Those of the connection are left
/// out: they belong to the answer from which they come.
/// </summary>
internal sealed class AnswerHeaderTable
{
    private static readonly string[] OfTheConnection = ["connection", "keep-alive", "content-length", "transfer-encoding"];
    private readonly List<KeyValuePair<byte[], byte[]>> _others = [];

    private AnswerHeaderTable()
    {
    }

    /// <summary>No headers.</summary>
    public static AnswerHeaderTable Empty { get; } = new();

    /// <summary>Without zero byte; empty where there is none.</summary>
    public byte[] ContentType { get; private set; } = [];

    public byte[] ContentDisposition { get; private set; } = [];

    public byte[] ContentEncoding { get; private set; } = [];

    public byte[] Location { get; private set; } = [];

    public byte[] Allow { get; private set; } = [];

    /// <summary>All but those above: names and values.</summary>
    public IReadOnlyList<KeyValuePair<byte[], byte[]>> Others => _others;

    /// <summary>Reads them; whatever is no object of texts has no headers.</summary>
    public static AnswerHeaderTable Parse(OwnedMemoryBuffer json)
    {
        var table = new AnswerHeaderTable();
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
                    var name = reader.GetString()!;
                    if (reader.Read() && reader.TokenType == JsonTokenType.String)
                    {
                        table.Add(name, Encoding.UTF8.GetBytes(reader.GetString()!));
                    }
                }
            }
        }
        catch (JsonException)
        {
            return Empty;
        }

        return table;
    }

    private void Add(string name, byte[] value)
    {
        switch (name)
        {
            case "content-type":
                ContentType = value;
                break;
            case "content-disposition":
                ContentDisposition = value;
                break;
            case "content-encoding":
                ContentEncoding = value;
                break;
            case "location":
                Location = value;
                break;
            case "allow":
                Allow = value;
                break;
            default:
                if (!OfTheConnection.Contains(name))
                {
                    _others.Add(new(Encoding.UTF8.GetBytes(name), value));
                }

                break;
        }
    }
}
