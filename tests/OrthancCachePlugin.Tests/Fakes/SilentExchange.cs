using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>A request that allocates nothing itself and keeps of its answer only what became of it.</summary>
internal sealed class SilentExchange(byte[] path, Func<OriginAnswer> core, byte[]? ifNoneMatch = null) : IExchange
{
    public int Hits { get; private set; }

    public int NotModifieds { get; private set; }

    public HttpMethod Method => HttpMethod.Get;

    public bool IsAnswered { get; private set; }

    public ReadOnlySpan<byte> Path => path;

    public int ArgumentCount => 0;

    public ReadOnlySpan<byte> ArgumentName(int index) => default;

    public ReadOnlySpan<byte> ArgumentValue(int index) => default;

    public bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value)
    {
        value = header == RequestHeader.IfNoneMatch ? ifNoneMatch : default;
        return !value.IsEmpty;
    }

    public OriginAnswer AskCore(ReadOnlySpan<byte> target) => core();

    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
    }

    public void Answer(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        IsAnswered = true;
        Hits++;
    }

    public void AnswerEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body) => Answer(contentType, body);

    public void NotModified()
    {
        IsAnswered = true;
        NotModifieds++;
    }

    public void AnswerAsCore(OriginAnswer answer) => IsAnswered = true;

    public void Forward() => IsAnswered = true;
}
