using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Threads;

namespace OrthancCachePlugin.Host;

/// <summary>A request of Orthanc's HTTP server. Reused by the thread that it belongs to; points into memory of the host while it serves.</summary>
#pragma warning disable CA1001 // The response is only on its way from one thread to the other; the caller of AskOrigin disposes of it.
internal sealed unsafe class OrthancExchange : IExchange, LargeStackThreads.IWork
{
    /// <summary>Bytes; the body of a POST that we look into is a few lines of JSON.</summary>
    private const uint LargestBody = 4 << 20;

    private readonly HeaderBlock _headers = new();

    /// <summary>Where each header stands among those of the request, counted from 1; 0 where it is missing.</summary>
    private readonly int[] _headerIndexes = new int[RequestHeaders.Count];
    private bool _areHeadersRead;
    private OrthancContext _context = null!;
    private OrthancErrors _errors = null!;
    private LargeStackThreads _threads = null!;
    private bool _hostCompresses;
    private RestOutput _output;
    private RestRequest _request;
    private byte* _target;
    private int _targetLength;
    private bool _isBesides;
    private OriginResponse? _response;

    /// <inheritdoc/>
    public HttpMethod Method { get; private set; }

    /// <inheritdoc/>
    public bool HasResponded { get; private set; }

    /// <summary>What the callback returns: an error where the origin is to make its error of it.</summary>
    public OrthancErrorCode Result { get; private set; }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Path => _request.Path;

    /// <inheritdoc/>
    public int ArgumentCount => _request.ArgumentCount;

    /// <summary>Takes up a request.</summary>
    public void Begin(
        OrthancContext context,
        OrthancErrors errors,
        LargeStackThreads threads,
        bool hostCompresses,
        RestOutput output,
        RestRequest request)
    {
        _hostCompresses = hostCompresses;
        _threads = threads;
        _context = context;
        _errors = errors;
        _output = output;
        _request = request;
        Method = OrthancEvents.Translate(request.Method);
        HasResponded = false;
        Result = OrthancErrorCode.Success;
        _areHeadersRead = false;
        _headers.Clear(context.SendsHeadersAsTheyAre);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ArgumentName(int index) => _request.ArgumentKey(index);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> ArgumentValue(int index) => _request.ArgumentValue(index);

    /// <inheritdoc/>
    public bool TryGetHeader(RequestHeader header, out ReadOnlySpan<byte> value)
    {
        if (!_areHeadersRead)
        {
            ReadHeaders();
        }

        var index = _headerIndexes[(int)header] - 1;
        value = index >= 0 ? _request.HeaderValue(index) : default;
        return index >= 0;
    }

    /// <inheritdoc/>
    public OriginResponse AskOrigin(ReadOnlySpan<byte> target)
    {
        _headers.Clear(_context.SendsHeadersAsTheyAre); // they were for a response that is given up now
        if (_errors.Reject(_request, out var memory) is { } rejected)
        {
            return rejected;
        }

        try
        {
            var response = Ask(target, besides: false);
            (response as OrthancResponse)?.Own(ref memory);
            return response;
        }
        finally
        {
            memory?.Dispose();
        }
    }

    /// <inheritdoc/>
    public OriginResponse AskOriginBesides(ReadOnlySpan<byte> target) => Ask(target, besides: true);

    /// <summary>Asks the origin, on a thread with a large stack.</summary>
    void LargeStackThreads.IWork.Execute()
    {
        var headers = new RestApiHeaders(stackalloc byte[RestApiHeaders.StackSize]);
        try
        {
            if (!_isBesides)
            {
                CopyHeaders(ref headers);
            }

            var target = new ReadOnlySpan<byte>(_target, _targetLength);
            var code = Method == HttpMethod.Get || _isBesides
                ? _context.CallRestApi(OrthancHttpMethod.Get, target, headers, default, out var response)
                : _context.Forward(_request, target, headers, out response);
            _response = new OrthancResponse(code, response);
        }
        finally
        {
            headers.Dispose();
        }
    }

    /// <inheritdoc/>
    public void AddHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) => _headers.Add(name, value);

    /// <inheritdoc/>
    public void Respond(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> body)
    {
        Result = _output.Respond(body, contentType, _headers);
        HasResponded = true;
    }

    /// <inheritdoc/>
    public void RespondEncoded(ReadOnlySpan<byte> contentType, ReadOnlySpan<byte> coding, ReadOnlySpan<byte> body)
    {
        AddHeader("Content-Encoding"u8, coding);
        if (_hostCompresses)
        {
            // AnswerBuffer would compress the body again; a status with a body is sent as it is, and before 1.12.2 without a type.
            AddHeader("Content-Type"u8, contentType);
            Result = _output.SendStatus(200, body, _headers);
        }
        else
        {
            Result = _output.Respond(body, contentType, _headers);
        }

        HasResponded = true;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Body => _request.BodySize <= LargestBody ? _request.Body : default;

    /// <inheritdoc/>
    public Stream? BeginBody(ReadOnlySpan<byte> contentType)
    {
        if (_output.StartStream(contentType, _headers) != OrthancErrorCode.Success)
        {
            return null;
        }

        HasResponded = true;
        return new BodyStream(_output);
    }

    /// <inheritdoc/>
    public void BreakOffBody() => Result = OrthancErrorCode.NetworkProtocol;

    /// <inheritdoc/>
    public void NotModified()
    {
        Result = _output.SendStatus(304, ReadOnlySpan<byte>.Empty, _headers);
        HasResponded = true;
    }

    /// <inheritdoc/>
    public void RespondAsOrigin(OriginResponse response)
    {
        Result = response is OrthancResponse { IsSuccess: true } success ? RespondSuccess(success)
            : response.IsSuccess ? _output.Respond(response.Body, [.. response.ContentType, 0], _headers)
            : _errors.Respond(_output, _request, response as OrthancResponse, ClientPath.Is(Path));
        HasResponded = true;
    }

    /// <inheritdoc/>
    public void Forward()
    {
        using var response = AskOrigin(Path);
        RespondAsOrigin(response);
    }

    private OriginResponse Ask(ReadOnlySpan<byte> target, bool besides)
    {
        _isBesides = besides;
        fixed (byte* pointer = target)
        {
            _target = pointer;
            _targetLength = target.Length;
            _threads.Run(this);
        }

        return Interlocked.Exchange(ref _response, null)!;
    }

    /// <summary>Goes through the headers once; a browser sends many, and we look at few.</summary>
    private void ReadHeaders()
    {
        _areHeadersRead = true;
        Array.Clear(_headerIndexes);
        for (var i = 0; i < _request.HeaderCount; i++)
        {
            if (RequestHeaders.TryParse(_request.HeaderKey(i), out var header))
            {
                _headerIndexes[(int)header] = i + 1;
            }
        }
    }

    private OrthancErrorCode RespondSuccess(OrthancResponse response)
    {
        var headers = response.Headers;
        if (headers.ContentDisposition.Length > 0)
        {
            AddHeader("Content-Disposition"u8, headers.ContentDisposition);
        }

        if (headers.ContentEncoding.Length > 0)
        {
            AddHeader("Content-Encoding"u8, headers.ContentEncoding);
        }

        if (response.IsArchive && _errors.ArchivesAreNeverCompressed)
        {
            AddHeader("Content-Type"u8, headers.ContentType);
            return _output.SendStatus(200, response.Native!.Body, _headers);
        }

        return _output.Respond(response.Native!.Body, headers.ContentType, _headers);
    }

    /// <summary>
    /// Only what our routes look at. Conditions would be compared with validators that are not ours (and a weak tag makes some routes
    /// fail); coding and ranges are for the outermost answer.
    /// </summary>
    private void CopyHeaders(ref RestApiHeaders headers)
    {
        if (TryGetHeader(RequestHeader.Accept, out var accept))
        {
            headers.Add("accept"u8, accept);
        }
    }
}
