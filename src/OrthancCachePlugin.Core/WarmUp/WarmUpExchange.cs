using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>
/// A request that nobody has sent, so that a response goes the way of all responses and ends in the store. Its response is thrown
/// away.
/// </summary>
internal sealed class WarmUpExchange(IOrigin origin, WarmUpRoute route, Resource resource) : IExchange
{
    private readonly byte[] _path = route.PathOf(resource);
    private bool _isHit;
    private bool _isStored;
    private bool _isIncomplete;

    /// <inheritdoc/>
    public HttpMethod Method => HttpMethod.Get;

    /// <inheritdoc/>
    public bool IsWarmUp => true;

    /// <inheritdoc/>
    public bool HasResponded { get; private set; }

    /// <summary>What came of it; unsettled as long as nothing answers.</summary>
    public WarmUpOutcome Outcome { get; private set; } = WarmUpOutcome.Unsettled;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Path => _path;

    /// <inheritdoc/>
    public int ArgumentCount => route.ArgumentCount;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ArgumentName(int index) => route.ArgumentName(index);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ArgumentValue(int index) => route.ArgumentValue(index);

    /// <inheritdoc/>
    /// <remarks>Takes what is held as it is stored, so that finding it costs no decompression.</remarks>
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
        // RFC 9211 tells clients what became of their request, and so it tells us.
        if (name.SequenceEqual("Cache-Status\0"u8))
        {
            _isHit = value.IndexOf("; hit"u8) >= 0;
            _isStored = value.IndexOf("; stored"u8) >= 0;
            _isIncomplete = value.SequenceEqual(CacheStatus.Incomplete);
        }
    }

    /// <inheritdoc/>
    public void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body) => End(WarmUpOutcome.Held);

    /// <inheritdoc/>
    public void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body) =>
        End(WarmUpOutcome.Held);

    /// <inheritdoc/>
    public void NotModified() => End(WarmUpOutcome.Held);

    /// <inheritdoc/>
    public void RespondAsOrigin(OriginResponse response)
    {
        var kept = _isStored ? WarmUpOutcome.Stored : WarmUpOutcome.NotKept;
        var outcome = _isHit ? WarmUpOutcome.Held : kept;
        End(response.IsSuccess && !_isIncomplete ? outcome : WarmUpOutcome.Failed);
    }

    /// <inheritdoc/>
    public void Forward() => End(WarmUpOutcome.Gone);

    private void End(WarmUpOutcome outcome)
    {
        HasResponded = true;
        Outcome = outcome;
    }
}
