using OrthancCachePlugin.Core.Hashing;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Versions;

namespace OrthancCachePlugin.Benchmarks;

/// <summary>A core in which nothing has happened for long: questions have constant answers.</summary>
internal sealed class SteadyCore : Core.Serving.ICore
{
    public Core.Serving.OriginAnswer Get(ReadOnlySpan<byte> path) => new BenchmarkAnswer(
        path.EndsWith("/plugins"u8) ? "[]"u8.ToArray()
        : path.EndsWith("LastUpdate"u8) ? "20230220T140000"u8.ToArray() : "{\"CountInstances\":500,\"DicomDiskSize\":\"1795000\"}"u8.ToArray());
}
