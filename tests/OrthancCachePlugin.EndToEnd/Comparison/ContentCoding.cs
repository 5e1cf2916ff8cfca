using System.IO.Compression;

namespace OrthancCachePlugin.EndToEnd.Comparison;

/// <summary>Undoes a <c>Content-Encoding</c>, so that bodies compare whatever compressor made them.</summary>
internal static class ContentCoding
{
    public static HttpAnswer Decode(HttpAnswer answer)
    {
        var coding = answer["Content-Encoding"];
        if (coding is null || answer.Body.Length == 0)
        {
            return answer;
        }

        if (coding == "zstd")
        {
            return answer with { Body = Serving.ZstdTool.Decode(answer.Body) };
        }

        using var source = new MemoryStream(answer.Body);
        using Stream decoder = coding switch
        {
            "gzip" => new GZipStream(source, CompressionMode.Decompress),
            "deflate" => new ZLibStream(source, CompressionMode.Decompress),
            _ => throw new InvalidDataException($"Content-Encoding: {coding}, which the client did not ask for"),
        };
        using var plain = new MemoryStream();
        decoder.CopyTo(plain);
        return answer with { Body = plain.ToArray() };
    }
}
