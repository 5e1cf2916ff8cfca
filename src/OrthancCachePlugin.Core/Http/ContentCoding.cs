using OrthancCachePlugin.Core.Compression;

namespace OrthancCachePlugin.Core.Http;

/// <summary>How the bytes on the wire stand for the body. Each has an entity tag of its own (RFC 9110 section 8.8.3.3).</summary>
public enum ContentCoding : byte
{
    Identity = 0,
    Gzip = 1,
    Deflate = 2,
    Zstd = 3,
}
