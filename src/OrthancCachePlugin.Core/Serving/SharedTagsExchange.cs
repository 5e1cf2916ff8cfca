using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// Asks, in the way of all requests, for the full tags of the instances whose shared tags are looked at: from the store, or computed and stored
/// for the next who asks.
/// </summary>
internal sealed class SharedTagsExchange(IExchange parent, OriginAnswer shared, TagFormat format) : IExchange
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
    public bool IsAnswered { get; private set; }

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
    public OriginAnswer AskCore(ReadOnlySpan<byte> target) => parent.AskCoreBesides(target);

    /// <inheritdoc/>
    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _isTrusted |= name.StartsWith("ETag"u8);

    /// <inheritdoc/>
    public void Answer(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        IsAnswered = true;
        IsComplete = _isTrusted && SharedTags.AreComplete(shared.Body, format, body);
    }

    /// <inheritdoc/>
    public void AnswerEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body) => IsAnswered = true;

    /// <inheritdoc/>
    public void NotModified() => IsAnswered = true;

    /// <inheritdoc/>
    public void AnswerAsCore(OriginAnswer answer)
    {
        IsAnswered = true;
        IsComplete = answer.IsSuccess && _isTrusted && SharedTags.AreComplete(shared.Body, format, answer.Body);
    }

    /// <inheritdoc/>
    public void Forward() => IsAnswered = true;
}
