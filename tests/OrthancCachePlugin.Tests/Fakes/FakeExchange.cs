using System.Text;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>A request of a client that is not there, and what it was answered.</summary>
internal sealed class FakeExchange : IExchange
{
    private readonly byte[] _path;
    private readonly List<(byte[] Name, byte[] Value)> _arguments = [];
    private readonly Dictionary<string, byte[]> _headers = [];

    /// <param name="target">Path and query.</param>
    /// <param name="headers">Of the request, as <c>name: value</c>.</param>
    public FakeExchange(string target, params string[] headers)
    {
        var parts = target.Split('?', 2);
        _path = Encoding.UTF8.GetBytes(parts[0]);
        foreach (var argument in parts.Length == 1 ? [] : parts[1].Split('&'))
        {
            var pair = argument.Split('=', 2);
            _arguments.Add((Encoding.UTF8.GetBytes(pair[0]), Encoding.UTF8.GetBytes(pair.Length == 1 ? "" : pair[1])));
        }

        foreach (var header in headers)
        {
            var pair = header.Split(':', 2);
            _headers[pair[0].ToLowerInvariant()] = Encoding.UTF8.GetBytes(pair[1].TrimStart(' '));
        }
    }

    private FakeExchange(byte[] path) => _path = path;

    /// <summary>What the origin says; by default an error.</summary>
    public Func<string, OriginResponse> Origin { get; init; } = _ => new FakeResponse(null);

    /// <summary>What was asked of the origin.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>0 before a response, then 200, 304, 404 for an error of the origin, -1 for a request passed on.</summary>
    public int Status { get; private set; }

    public byte[]? Body { get; private set; }

    public string? Text => Body is null ? null : Encoding.UTF8.GetString(Body);

    public string? ContentType { get; private set; }

    /// <summary>Headers of the response in their order.</summary>
    public List<KeyValuePair<string, string>> Sent { get; } = [];

    public bool ThrowsWhenAnswering { get; init; }

    public HttpMethod Method { get; init; } = HttpMethod.Get;

    /// <summary>Takes a body that comes piece by piece; without it, the host cannot stream.</summary>
    public Stream? Streamed { get; init; }

    public bool IsBrokenOff { get; private set; }

    public bool HasResponded => Status != 0;

    public ReadOnlySpan<byte> Path => _path;

    public int ArgumentCount => _arguments.Count;

    /// <summary>The value of a header of the response, or null.</summary>
    public string? this[string name] => Sent.Where(h => h.Key == name).Select(h => h.Value).SingleOrDefault();

    /// <summary>A request with a path in which a question mark is a letter like others.</summary>
    public static FakeExchange OfPath(string path) => new(Encoding.UTF8.GetBytes(path));

    public ReadOnlySpan<byte> ArgumentName(int index) => _arguments[index].Name;

    public ReadOnlySpan<byte> ArgumentValue(int index) => _arguments[index].Value;

    public bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value)
    {
        foreach (var (name, bytes) in _headers)
        {
            if (RequestHeaders.TryParse(Encoding.ASCII.GetBytes(name), out var known) && known == header)
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
        var text = Encoding.UTF8.GetString(target);
        lock (Asked)
        {
            Asked.Add(text);
        }

        return Origin(text);
    }

    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        Sent.Add(new(ZeroTerminated(name), ZeroTerminated(value)));

    /// <summary>As the host sends it; <see cref="Body"/> stays encoded.</summary>
    public void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body)
    {
        AddHeader("Content-Encoding\0"u8, coding);
        Respond(contentType, body);
    }

    public void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        ThrowIfAsked();
        ContentType = ZeroTerminated(contentType);
        Finish(200, body.ToArray());
    }

    public Stream? BeginBody(ReadOnlySpan<byte> contentType)
    {
        if (Streamed is not null)
        {
            ContentType = ZeroTerminated(contentType);
            Finish(200, null);
        }

        return Streamed;
    }

    public void BreakOffBody() => IsBrokenOff = true;

    public void NotModified() => Finish(304, null);

    public void RespondAsOrigin(OriginResponse response)
    {
        ThrowIfAsked();
        ContentType = Encoding.UTF8.GetString(response.ContentType);
        Finish(response.IsSuccess ? 200 : 404, response.IsSuccess ? response.Body.ToArray() : null);
    }

    public void Forward() => Finish(-1, null);

    private static string ZeroTerminated(ReadOnlySpan<byte> text)
    {
        return text.IndexOf((byte)0) == text.Length - 1
            ? Encoding.UTF8.GetString(text[..^1])
            : throw new InvalidOperationException("A text for the host ends with its only zero byte.");
    }

    private void Finish(int status, byte[]? body)
    {
        Status = Status == 0 ? status : throw new InvalidOperationException("An exchange is answered once.");
        Body = body;
    }

    private void ThrowIfAsked()
    {
        if (ThrowsWhenAnswering)
        {
            throw new IOException("The client is gone.");
        }
    }
}
