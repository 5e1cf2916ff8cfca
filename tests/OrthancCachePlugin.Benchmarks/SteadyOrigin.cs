using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Benchmarks;

/// <summary>An origin in which nothing has happened for long: questions have constant answers.</summary>
internal sealed class SteadyOrigin : Core.Origin.IOrigin
{
    public OriginResponse Get(ReadOnlySpan<byte> path) => new BenchmarkResponse(
        path.EndsWith("/plugins"u8) ? "[]"u8.ToArray()
        : path.EndsWith("LastUpdate"u8) ? "20230220T140000"u8.ToArray() : "{\"CountInstances\":500,\"DicomDiskSize\":\"1795000\"}"u8.ToArray());
}
