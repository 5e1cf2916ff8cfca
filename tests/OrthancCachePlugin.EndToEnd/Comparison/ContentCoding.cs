using System.IO.Compression;

namespace OrthancCachePlugin.EndToEnd.Comparison;

/// <summary>Undoes a <c>Content-Encoding</c>, so that bodies compare whatever compressor made them.</summary>
internal static class ContentCoding
{
    public static HttpResponse Decode(HttpResponse response)
    {
        var coding = response["Content-Encoding"];
        if (coding is null || response.Body.Length == 0)
        {
            return response;
        }

        if (coding == "zstd")
        {
            return response with { Body = ZstdTool.Decode(response.Body) };
        }

        using var source = new MemoryStream(response.Body);
        using Stream decoder = coding switch
        {
            "gzip" => new GZipStream(source, CompressionMode.Decompress),
            "deflate" => new ZLibStream(source, CompressionMode.Decompress),
            _ => throw new InvalidDataException($"Content-Encoding: {coding}"),
        };
        using var plain = new MemoryStream();
        decoder.CopyTo(plain);
        return response with { Body = plain.ToArray() };
    }
}
