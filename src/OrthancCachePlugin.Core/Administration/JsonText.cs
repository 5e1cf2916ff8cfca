using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>Writes JSON objects without reflection.</summary>
internal static class JsonText
{
    // For JSON read as such: what must be escaped inside HTML may stay as it is.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one object, ending with a line end, for people who ask with curl.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }
}
