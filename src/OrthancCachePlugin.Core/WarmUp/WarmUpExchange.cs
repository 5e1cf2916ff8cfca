using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>A request that no client has sent, so that its response goes the way of all responses and ends in the store.</summary>
internal sealed class WarmUpExchange(IOrigin origin, WarmUpRoute route, Resource resource) : IExchange
{
    private readonly byte[] _path = route.PathOf(resource);

    public HttpMethod Method => HttpMethod.Get;

    public bool IsWarmUp => true;

    public bool HasResponded { get; private set; }

    public ReadOnlySpan<byte> Path => _path;

    public int ArgumentCount => route.ArgumentCount;

    public ReadOnlySpan<byte> ArgumentName(int index) => route.ArgumentName(index);

    public ReadOnlySpan<byte> ArgumentValue(int index) => route.ArgumentValue(index);

    /// <remarks>Takes the response as it is stored, so that finding it costs no decompression.</remarks>
    public bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value)
    {
        var isCoding = header == RequestHeader.AcceptEncoding;
        value = isCoding ? "zstd"u8 : default;
        return isCoding;
    }

    public OriginResponse AskOrigin(ReadOnlySpan<byte> target) => origin.Get(target);

    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
    }

    public void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body) => HasResponded = true;

    public void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body) => HasResponded = true;

    public void NotModified() => HasResponded = true;

    public void RespondAsOrigin(OriginResponse response) => HasResponded = true;

    public void Forward() => HasResponded = true;
}
