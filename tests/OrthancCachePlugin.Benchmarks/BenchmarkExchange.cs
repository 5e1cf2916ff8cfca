using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Benchmarks;

/// <summary>A request that costs nothing to read and a response that goes nowhere: what is left is ours.</summary>
internal sealed class BenchmarkExchange : IExchange
{
    private readonly byte[] _path;
    private readonly (RequestHeader Name, byte[] Value)[] _headers;
    private readonly byte[] _body;
    private byte[] _tag = [];

    /// <param name="path">Path without query.</param>
    /// <param name="body">What the origin answers.</param>
    /// <param name="headers">Names and values.</param>
    public BenchmarkExchange(string path, byte[] body, params (RequestHeader Name, string Value)[] headers)
    {
        _path = Bytes(path);
        _body = body;
        _headers = [.. headers.Select(h => (h.Name, Bytes(h.Value)))];
    }

    public Core.Http.HttpMethod Method => Core.Http.HttpMethod.Get;

    public bool HasResponded { get; private set; }

    public bool WasNotModified { get; private set; }

    /// <summary>The origin had to be asked.</summary>
    public bool AskedCore { get; private set; }

    /// <summary>Bytes of the last body.</summary>
    public int BodySize { get; private set; }

    /// <summary>The entity tag of the last response, without the zero byte.</summary>
    public string Tag => System.Text.Encoding.ASCII.GetString(_tag).TrimEnd('\0');

    /// <summary>Whether to take a copy of the entity tag; it allocates.</summary>
    public bool KeepsTag { get; set; }

    public ReadOnlySpan<byte> Path => _path;

    public int ArgumentCount => 0;

    public void Reset()
    {
        HasResponded = false;
        WasNotModified = false;
        AskedCore = false;
        BodySize = 0;
    }

    public ReadOnlySpan<byte> ArgumentName(int index) => default;

    public ReadOnlySpan<byte> ArgumentValue(int index) => default;

    public bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value)
    {
        foreach (var (name, bytes) in _headers)
        {
            if (name == header)
            {
                value = bytes;
                return true;
            }
        }

        value = default;
        return false;
    }

    public OriginResponse AskOrigin(ReadOnlySpan<byte> target)
    {
        AskedCore = true;
        return new BenchmarkResponse(_body);
    }

    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        if (KeepsTag && name.StartsWith("ETag"u8))
        {
            _tag = value.ToArray();
        }
    }

    public void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body) => Answered(body.Length);

    public void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body) => Answered(body.Length);

    public void NotModified()
    {
        WasNotModified = true;
        Answered(0);
    }

    public void RespondAsOrigin(OriginResponse response) => Answered(response.Body.Length);

    public void Forward() => throw new InvalidOperationException("The path is none of our routes.");

    private static byte[] Bytes(string text) => System.Text.Encoding.ASCII.GetBytes(text);

    private void Answered(int size)
    {
        HasResponded = true;
        BodySize = size;
    }
}
