using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Requests;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Refusals;

namespace OrthancCachePlugin.Host;

/// <summary>The origin's answer to an internal call. Owns the SDK's buffers until the last reference is gone.</summary>
internal sealed class OrthancResponse : OriginResponse
{
    private readonly RestApiResponse? _response;

    /// <param name="code">What the call itself returned.</param>
    /// <param name="response">What it gave, if it succeeded; owned from here on.</param>
    public OrthancResponse(OrthancErrorCode code, RestApiResponse? response)
    {
        Code = code;
        _response = response;
        Headers = response is null ? RestApiResponseHeaders.Empty : RestApiResponseHeaders.Parse(response.Headers);
        if (IsArchive && !ZipEnd.IsIn(response!.Body.Tail(ZipEnd.MaximumTail)))
        {
            Foreseen = Refusal.Error(OriginCode.InternalError, "The archive could not be completed");
        }
    }

    /// <summary>A response to a question that was not asked, since it would have done harm.</summary>
    public OrthancResponse(Refusal foreseen)
    {
        Code = OrthancErrorCode.InternalError;
        Headers = RestApiResponseHeaders.Empty;
        Foreseen = foreseen;
    }

    /// <summary>The error of the call; success says nothing about <see cref="Status"/>.</summary>
    public OrthancErrorCode Code { get; }

    /// <summary>The HTTP status; 0 where the call failed.</summary>
    public int Status => _response?.Status ?? 0;

    /// <summary>What the client is told instead of what the origin said, or null.</summary>
    public Refusal? Foreseen { get; }

    /// <summary>The headers of the response.</summary>
    public RestApiResponseHeaders Headers { get; }

    /// <summary>The body, of any size; null where the call failed.</summary>
    public RestApiResponse? Native => _response;

    /// <summary>Whether it is an archive, whole or not.</summary>
    public bool IsArchive => Code == OrthancErrorCode.Success && Status == 200 && Headers.ContentType.AsSpan().SequenceEqual("application/zip"u8);

    /// <inheritdoc/>
    public override bool IsSuccess => Code == OrthancErrorCode.Success && Status == 200 && Foreseen is null;

    /// <inheritdoc/>
    public override bool IsReadable => _response is null || _response.Body.FitsSpan;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Body => _response is not null && _response.Body.FitsSpan ? _response.Body.Span : default;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ContentType => Headers.ContentType;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ContentDisposition => Headers.ContentDisposition;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ContentEncoding => Headers.ContentEncoding;

    /// <inheritdoc/>
    public override Stream OpenBody() => _response?.Body.OpenRead() ?? Stream.Null;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _response?.Dispose();
}
