using OrthancCachePlugin.Core.Compression;

namespace OrthancCachePlugin.Core.Http;

/// <summary>What Orthanc's own compression of responses does with a request (HttpServer, ConfigureHttpCompression).</summary>
public static class HostCompression
{
    /// <summary>The coding that Orthanc gives a body: <c>gzip</c> before <c>deflate</c>, weights ignored as it ignores them.</summary>
    /// <param name="isEnabled">The option <c>HttpCompressionEnabled</c>.</param>
    /// <param name="acceptEncoding">The request's <c>Accept-Encoding</c>.</param>
    public static ContentCoding CodingFor(bool isEnabled, ReadOnlySpan<byte> acceptEncoding)
    {
        var coding = ContentCoding.Identity;
        while (isEnabled && !acceptEncoding.IsEmpty)
        {
            var comma = acceptEncoding.IndexOf((byte)',');
            var token = (comma < 0 ? acceptEncoding : acceptEncoding[..comma]).Trim(" \t\r\n\v\f"u8);
            acceptEncoding = comma < 0 ? default : acceptEncoding[(comma + 1)..];
            if (token.SequenceEqual("gzip"u8))
            {
                return ContentCoding.Gzip;
            }

            coding = token.SequenceEqual("deflate"u8) ? ContentCoding.Deflate : coding;
        }

        return coding;
    }
}
