using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>A request that allocates nothing itself and keeps of its response only what became of it.</summary>
internal sealed class SilentExchange(byte[] path, Func<OriginResponse> origin, byte[]? ifNoneMatch = null) : IExchange
{
    public int Hits { get; private set; }

    public int NotModifieds { get; private set; }

    public HttpMethod Method => HttpMethod.Get;

    public bool HasResponded { get; private set; }

    public ReadOnlySpan<byte> Path => path;

    public int ArgumentCount => 0;

    public ReadOnlySpan<byte> ArgumentName(int index) => default;

    public ReadOnlySpan<byte> ArgumentValue(int index) => default;

    public bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value)
    {
        value = header == RequestHeader.IfNoneMatch ? ifNoneMatch : default;
        return !value.IsEmpty;
    }

    public OriginResponse AskOrigin(ReadOnlySpan<byte> target) => origin();

    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
    }

    public void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        HasResponded = true;
        Hits++;
    }

    public void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body) => Respond(contentType, body);

    public void NotModified()
    {
        HasResponded = true;
        NotModifieds++;
    }

    public void RespondAsOrigin(OriginResponse response) => HasResponded = true;

    public void Forward() => HasResponded = true;
}
