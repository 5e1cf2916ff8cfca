using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Benchmarks;

/// <summary>A 200 of the origin with a body that belongs to nobody.</summary>
internal sealed class BenchmarkResponse(byte[] body) : OriginResponse
{
    public override bool IsSuccess => true;

    public override ReadOnlySpan<byte> Body => body;

    public override ReadOnlySpan<byte> ContentType => "application/json"u8;

    public override ReadOnlySpan<byte> ContentDisposition => default;

    public override ReadOnlySpan<byte> ContentEncoding => default;

    protected override void Dispose(bool disposing)
    {
    }
}
