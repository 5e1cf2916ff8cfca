using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Host;

/// <summary>The origin's response to an internal call. Owns Orthanc's buffers until the last reference ends.</summary>
internal sealed class OrthancResponse : OriginResponse
{
    private readonly RestApiResponse? _response;
    private IDisposable? _memory;

    public OrthancResponse(OrthancErrorCode code, RestApiResponse? response)
    {
        Code = code;
        _response = response;
        Headers = response is null ? RestApiResponseHeaders.Empty : RestApiResponseHeaders.Parse(response.Headers);
        if (IsArchive && !OriginGuard.IsWholeArchive(response!.Body.Tail(OriginGuard.ArchiveTail)))
        {
            Error = OriginError.OfCode(OriginCode.InternalError, "The archive could not be completed");
        }
    }

    /// <summary>A response to a request that was kept from the origin.</summary>
    public OrthancResponse(OriginError error)
    {
        Code = OrthancErrorCode.InternalError;
        Headers = RestApiResponseHeaders.Empty;
        Error = error;
    }

    /// <summary>The error of the call; success says nothing about <see cref="Status"/>.</summary>
    public OrthancErrorCode Code { get; }

    public int Status => _response?.Status ?? 0;

    public OriginError? Error { get; } // what the client is told instead of what the origin said, or null

    public RestApiResponseHeaders Headers { get; }

    public RestApiResponse? Native => _response;

    public bool IsArchive => Code == OrthancErrorCode.Success && Status == 200 && Headers.ContentType.AsSpan().SequenceEqual("application/zip"u8);

    public override bool IsSuccess => Code == OrthancErrorCode.Success && Status == 200 && Error is null;

    public override bool IsReadable => _response is null || _response.Body.FitsSpan;

    public override ReadOnlySpan<byte> Body => _response is not null && _response.Body.FitsSpan ? _response.Body.Span : default;

    public override ReadOnlySpan<byte> ContentType => Headers.ContentType;

    public override ReadOnlySpan<byte> ContentDisposition => Headers.ContentDisposition;

    public override ReadOnlySpan<byte> ContentEncoding => Headers.ContentEncoding;

    public override Stream OpenBody() => _response?.Body.OpenRead() ?? Stream.Null;

    protected override void Dispose(bool disposing)
    {
        _response?.Dispose();
        _memory?.Dispose();
    }

    public void Own(ref IDisposable? memory)
    {
        _memory = memory;
        memory = null;
    }
}

/// <summary>The headers of an internal call that matter to us. No other is passed on: the origin sets none on our routes, and a file name with a line
/// break in it, which older versions do not escape, arrives as a header of the client's choice.</summary>
internal sealed class RestApiResponseHeaders
{
    private RestApiResponseHeaders()
    {
    }

    public static RestApiResponseHeaders Empty { get; } = new();

    public int Count { get; private set; }

    public byte[] ContentType { get; private set; } = [];

    public byte[] ContentDisposition { get; private set; } = [];

    public byte[] ContentEncoding { get; private set; } = [];

    public byte[] Location { get; private set; } = [];

    public byte[] Allow { get; private set; } = [];

    public static RestApiResponseHeaders Parse(OwnedMemoryBuffer json)
    {
        var table = new RestApiResponseHeaders();
        if (json.Size == 0 || !json.FitsSpan)
        {
            return table;
        }

        try
        {
            var reader = new Utf8JsonReader(json.Span);
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
                {
                    table.Count++;
                    table.Add(ref reader);
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return Empty;
        }

        return table;
    }

    private void Add(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("content-type"u8))
        {
            ContentType = Value(ref reader);
        }
        else if (reader.ValueTextEquals("content-disposition"u8))
        {
            ContentDisposition = Value(ref reader);
        }
        else if (reader.ValueTextEquals("content-encoding"u8))
        {
            ContentEncoding = Value(ref reader);
        }
        else if (reader.ValueTextEquals("location"u8))
        {
            Location = Value(ref reader);
        }
        else if (reader.ValueTextEquals("allow"u8))
        {
            Allow = Value(ref reader);
        }
    }

    /// <summary>The bytes as they are where nothing is escaped: they need not be UTF-8.</summary>
    private static byte[] Value(ref Utf8JsonReader reader) => !reader.Read() || reader.TokenType != JsonTokenType.String
        ? []
        : reader.ValueIsEscaped ? Encoding.UTF8.GetBytes(reader.GetString()!) : reader.ValueSpan.ToArray();
}

/// <summary>Orthanc's built-in REST API, past the plugins.</summary>
internal sealed class OrthancOrigin(OrthancContext context) : IOrigin
{
    public OriginResponse Get(ReadOnlySpan<byte> path)
    {
        using var headers = new RestApiHeaders(default);
        var code = context.CallRestApi(OrthancHttpMethod.Get, path, headers, default, out var response);
        return new OrthancResponse(code, response);
    }
}
