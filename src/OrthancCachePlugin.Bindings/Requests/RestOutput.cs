using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Memory;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings.Requests;

/// <summary>
/// Where the response of one request goes: headers first, then exactly one of the calls that answer. Valid until the callback returns, on its
/// thread.
/// </summary>
/// <remarks>
/// No call allocates managed memory. A code other than success means that nothing was sent: the callback may still send something else, or
/// return the code, and Orthanc answers with an error of its own.
/// </remarks>
public readonly unsafe struct RestOutput
{
    private readonly OrthancContext _context;
    private readonly NativeRestOutput* _output;

    /// <param name="context">Whose services send the response.</param>
    /// <param name="output">What the callback received.</param>
    public RestOutput(OrthancContext context, NativeRestOutput* output)
    {
        _context = context;
        _output = output;
    }

    /// <summary>Adds a header to the response that follows.</summary>
    public OrthancErrorCode SetHeader(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        using var nameText = new NativeText(name, stackalloc byte[NativeText.StackSize]);
        using var valueText = new NativeText(value, stackalloc byte[NativeText.StackSize]);
        fixed (byte* namePointer = nameText, valuePointer = valueText)
        {
            var parameters = new SetHttpHeaderParameters { Output = _output, Key = namePointer, Value = valuePointer };
            return _context.Invoke(OrthancService.SetHttpHeader, &parameters);
        }
    }

    /// <summary>Answers with status 200. Orthanc sends from this memory before it returns.</summary>
    /// <param name="body">The body.</param>
    /// <param name="contentType">Its media type.</param>
    /// <param name="headers">Headers to add, if any. Where one cannot be, nothing is sent: a response without it may mean another thing.</param>
    public OrthancErrorCode Respond(ReadOnlySpan<byte> body, ReadOnlySpan<byte> contentType, HeaderBlock? headers = null)
    {
        fixed (byte* bodyPointer = body)
        {
            return Respond(bodyPointer, (uint)body.Length, contentType, headers);
        }
    }

    /// <summary>As above, from a buffer of any size, which stays the caller's.</summary>
    public OrthancErrorCode Respond(OwnedMemoryBuffer body, ReadOnlySpan<byte> contentType, HeaderBlock? headers = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return Respond(body.Address, body.Address is null ? 0 : body.Size, contentType, headers);
    }

    /// <summary>
    /// Answers with any status and a body that Orthanc never compresses. Servers differ in the content type of a 200: none at first,
    /// <c>text/plain</c> later, unless a header sets it.
    /// </summary>
    public OrthancErrorCode SendStatus(int status, ReadOnlySpan<byte> body, HeaderBlock? headers = null)
    {
        fixed (byte* bodyPointer = body)
        {
            return SendStatus(status, bodyPointer, (uint)body.Length, headers);
        }
    }

    /// <summary>As above, from a buffer of any size, which stays the caller's.</summary>
    public OrthancErrorCode SendStatus(int status, OwnedMemoryBuffer body, HeaderBlock? headers = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return SendStatus(status, body.Address, body.Address is null ? 0 : body.Size, headers);
    }

    /// <summary>Answers with a status and the body that Orthanc has for it: none, or for an error its JSON description.</summary>
    public OrthancErrorCode SendStatusCode(int status)
    {
        var parameters = new SendHttpStatusCodeParameters { Output = _output, Status = (ushort)status };
        return _context.Invoke(OrthancService.SendHttpStatusCode, &parameters);
    }

    /// <summary>Answers with status 405.</summary>
    /// <param name="allowed">The value of the <c>Allow</c> header, such as <c>GET,POST</c>.</param>
    public OrthancErrorCode SendMethodNotAllowed(ReadOnlySpan<byte> allowed) =>
        SendArgument(OrthancService.SendMethodNotAllowed, allowed);

    /// <summary>Answers with a redirection to a path that is relative to the request's.</summary>
    public OrthancErrorCode Redirect(ReadOnlySpan<byte> target) => SendArgument(OrthancService.Redirect, target);

    /// <summary>Adds a text to the JSON error that Orthanc sends when the callback returns a code other than success.</summary>
    /// <param name="details">The text, for the client: nothing of a patient in it.</param>
    /// <param name="log">Whether Orthanc logs it as an error too.</param>
    public OrthancErrorCode SetErrorDetails(ReadOnlySpan<byte> details, bool log)
    {
        using var text = new NativeText(details, stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new SetHttpErrorDetailsParameters { Output = _output, Details = pointer, Log = log ? (byte)1 : (byte)0 };
            return _context.Invoke(OrthancService.SetHttpErrorDetails, &parameters);
        }
    }

    /// <summary>Begins a response in chunks, which closes the connection at its end. Not implemented before 1.12.6.</summary>
    public OrthancErrorCode StartStream(ReadOnlySpan<byte> contentType, HeaderBlock? headers = null) => _context.SupportsStreamAnswers
        ? SendArgument(OrthancService.StartStreamAnswer, contentType, headers)
        : OrthancErrorCode.NotImplemented;

    /// <summary>Sends one chunk of a response begun with <see cref="StartStream"/>.</summary>
    public OrthancErrorCode SendChunk(ReadOnlySpan<byte> chunk)
    {
        if (!_context.SupportsStreamAnswers)
        {
            return OrthancErrorCode.NotImplemented;
        }

        fixed (byte* pointer = chunk)
        {
            var parameters = new AnswerBufferParameters { Output = _output, Respond = pointer, AnswerSize = (uint)chunk.Length };
            return _context.Invoke(OrthancService.SendStreamChunk, &parameters);
        }
    }

    private OrthancErrorCode Respond(void* body, uint size, ReadOnlySpan<byte> contentType, HeaderBlock? headers)
    {
        using var text = new NativeText(contentType, stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new AnswerBufferParameters { Output = _output, Respond = body, AnswerSize = size, MimeType = pointer };
            return _context.Invoke(OrthancService.AnswerBuffer, &parameters, _output, headers);
        }
    }

    private OrthancErrorCode SendStatus(int status, void* body, uint size, HeaderBlock? headers)
    {
        var parameters = new SendHttpStatusParameters { Output = _output, Status = (ushort)status, Body = body, BodySize = size };
        return _context.Invoke(OrthancService.SendHttpStatus, &parameters, _output, headers);
    }

    private OrthancErrorCode SendArgument(OrthancService service, ReadOnlySpan<byte> argument, HeaderBlock? headers = null)
    {
        using var text = new NativeText(argument, stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new OutputArgumentParameters { Output = _output, Argument = pointer };
            return _context.Invoke(service, &parameters, _output, headers);
        }
    }
}
