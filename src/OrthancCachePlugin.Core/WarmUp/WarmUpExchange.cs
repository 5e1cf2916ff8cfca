using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>
/// A request that no client has sent, so that its response goes the way of all responses and ends in the store.
/// </summary>
internal sealed class WarmUpExchange(IOrigin origin, WarmUpRoute route, Resource resource) : IExchange
{
    private readonly byte[] _path = route.PathOf(resource);

    /// <inheritdoc/>
    public HttpMethod Method => HttpMethod.Get;

    /// <inheritdoc/>
    public bool IsWarmUp => true;

    /// <inheritdoc/>
    public bool HasResponded { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Path => _path;

    /// <inheritdoc/>
    public int ArgumentCount => route.ArgumentCount;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ArgumentName(int index) => route.ArgumentName(index);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ArgumentValue(int index) => route.ArgumentValue(index);

    /// <inheritdoc/>
    /// <remarks>Takes the response as it is stored, so that finding it costs no decompression.</remarks>
    public bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value)
    {
        var isCoding = header == RequestHeader.AcceptEncoding;
        value = isCoding ? "zstd"u8 : default;
        return isCoding;
    }

    /// <inheritdoc/>
    public OriginResponse AskOrigin(ReadOnlySpan<byte> target) => origin.Get(target);

    /// <inheritdoc/>
    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
    }

    /// <inheritdoc/>
    public void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body) => HasResponded = true;

    /// <inheritdoc/>
    public void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body) => HasResponded = true;

    /// <inheritdoc/>
    public void NotModified() => HasResponded = true;

    /// <inheritdoc/>
    public void RespondAsOrigin(OriginResponse response) => HasResponded = true;

    /// <inheritdoc/>
    public void Forward() => HasResponded = true;
}
