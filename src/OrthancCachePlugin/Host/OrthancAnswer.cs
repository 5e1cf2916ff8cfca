using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Requests;
using OrthancCachePlugin.Core.Refusals;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Host;

/// <summary>The core's answer to an internal call. Owns the SDK's buffers until the last reference is gone.</summary>
internal sealed class OrthancAnswer : OriginAnswer
{
    private readonly RestApiAnswer? _answer;

    /// <param name="code">What the call itself returned.</param>
    /// <param name="answer">What it gave, if it succeeded; owned from here on.</param>
    public OrthancAnswer(OrthancErrorCode code, RestApiAnswer? answer)
    {
        Code = code;
        _answer = answer;
        Headers = answer is null ? AnswerHeaderTable.Empty : AnswerHeaderTable.Parse(answer.Headers);
        if (IsArchive && !ZipEnd.IsIn(answer!.Body.Tail(ZipEnd.LongestTail)))
        {
            Foreseen = Refusal.Error(CoreCode.InternalError, "The archive could not be completed");
        }
    }

    /// <summary>An answer to a question that was not asked, since it would have done harm.</summary>
    public OrthancAnswer(Refusal foreseen)
    {
        Code = OrthancErrorCode.InternalError;
        Headers = AnswerHeaderTable.Empty;
        Foreseen = foreseen;
    }

    /// <summary>The error of the call; success says nothing about <see cref="Status"/>.</summary>
    public OrthancErrorCode Code { get; }

    /// <summary>The HTTP status; 0 where the call failed.</summary>
    public int Status => _answer?.Status ?? 0;

    /// <summary>What the client is told instead of what the core said, or null.</summary>
    public Refusal? Foreseen { get; }

    /// <summary>The headers of the answer.</summary>
    public AnswerHeaderTable Headers { get; }

    /// <summary>The body, of any size; null where the call failed.</summary>
    public RestApiAnswer? Native => _answer;

    /// <summary>Whether it is an archive, whole or not.</summary>
    public bool IsArchive => Code == OrthancErrorCode.Success && Status == 200 && Headers.ContentType.AsSpan().SequenceEqual("application/zip"u8);

    /// <inheritdoc/>
    public override bool IsSuccess => Code == OrthancErrorCode.Success && Status == 200 && Foreseen is null;

    /// <inheritdoc/>
    public override bool IsReadable => _answer is null || _answer.Body.FitsSpan;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Body => _answer is not null && _answer.Body.FitsSpan ? _answer.Body.Span : default;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ContentType => Headers.ContentType;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ContentDisposition => Headers.ContentDisposition;

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> ContentEncoding => Headers.ContentEncoding;

    /// <inheritdoc/>
    public override Stream OpenBody() => _answer?.Body.OpenRead() ?? Stream.Null;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _answer?.Dispose();
}
