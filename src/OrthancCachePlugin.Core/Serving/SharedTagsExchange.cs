using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// Asks, in the way of all requests, for the full tags of the instances whose shared tags are looked at: from the store, or computed and stored
/// for the next who asks.
/// </summary>
internal sealed class SharedTagsExchange(IExchange parent, OriginResponse shared, TagFormat format) : IExchange
{
    private readonly byte[] _path = [.. parent.Path[..^"shared-tags".Length], .. "instances-tags"u8];
    private bool _isTrusted;

    /// <summary>Whether the shared tags are those of all instances.</summary>
    public bool IsComplete { get; private set; }

    /// <inheritdoc/>
    public HttpMethod Method => HttpMethod.Get;

    /// <inheritdoc/>
    public bool IsWarmUp => true;

    /// <inheritdoc/>
    public bool HasResponded { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Path => _path;

    /// <inheritdoc/>
    public int ArgumentCount => 0;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ArgumentName(int index) => default;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ArgumentValue(int index) => default;

    /// <inheritdoc/>
    /// <remarks>What forbids to store the one forbids it for the other.</remarks>
    public bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value)
    {
        value = default;
        return header == RequestHeader.CacheControl && parent.TryGetHeader(header, out value);
    }

    /// <inheritdoc/>
    public OriginResponse AskOrigin(ReadOnlySpan<byte> target) => parent.AskOriginBesides(target);

    /// <inheritdoc/>
    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _isTrusted |= name.StartsWith("ETag"u8);

    /// <inheritdoc/>
    public void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        HasResponded = true;
        IsComplete = _isTrusted && SharedTags.AreComplete(shared.Body, format, body);
    }

    /// <inheritdoc/>
    public void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body) => HasResponded = true;

    /// <inheritdoc/>
    public void NotModified() => HasResponded = true;

    /// <inheritdoc/>
    public void RespondAsOrigin(OriginResponse response)
    {
        HasResponded = true;
        IsComplete = response.IsSuccess && _isTrusted && SharedTags.AreComplete(shared.Body, format, response.Body);
    }

    /// <inheritdoc/>
    public void Forward() => HasResponded = true;
}
