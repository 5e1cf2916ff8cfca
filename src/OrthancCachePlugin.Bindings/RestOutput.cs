using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Bindings;

/// <summary>Where the response of one request goes: exactly one call. Valid until the callback returns, on its thread.</summary>
/// <remarks>No call allocates managed memory. A code other than success means that nothing was sent: the callback may still send something else, or
/// return the code, and Orthanc answers with an error of its own.</remarks>
public readonly unsafe struct RestOutput(OrthancContext context, NativeRestOutput* output)
{
    private readonly OrthancContext _context = context;
    private readonly NativeRestOutput* _output = output;

    /// <summary>Answers with status 200. Orthanc sends from this memory before it returns.</summary>
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

    /// <summary>Answers with any status and a body that Orthanc never compresses. Servers differ in the content type of a 200: none at first,
    /// <c>text/plain</c> later, unless a header sets it.</summary>
    public OrthancErrorCode SendStatus(int status, ReadOnlySpan<byte> body, HeaderBlock? headers = null)
    {
        fixed (byte* bodyPointer = body)
        {
            return SendStatus(status, bodyPointer, (uint)body.Length, headers);
        }
    }

    public OrthancErrorCode SendStatus(int status, OwnedMemoryBuffer body, HeaderBlock? headers = null)
    {
        ArgumentNullException.ThrowIfNull(body);
        return SendStatus(status, body.Address, body.Address is null ? 0 : body.Size, headers);
    }

    public OrthancErrorCode SendStatusCode(int status)
    {
        var parameters = new SendHttpStatusCodeParameters { Output = _output, Status = (ushort)status };
        return _context.Invoke(OrthancService.SendHttpStatusCode, &parameters);
    }

    public OrthancErrorCode SendMethodNotAllowed(string allowed) => SendArgument(OrthancService.SendMethodNotAllowed, allowed);

    /// <summary>Answers with a redirection to a path that is relative to the request's.</summary>
    public OrthancErrorCode Redirect(string target) => SendArgument(OrthancService.Redirect, target);

    /// <summary>Adds a text to the JSON error that Orthanc sends when the callback returns a code other than success.</summary>
    public OrthancErrorCode SetErrorDetails(string details)
    {
        using var text = new NativeText(details.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new SetHttpErrorDetailsParameters { Output = _output, Details = pointer };
            return _context.Invoke(OrthancService.SetHttpErrorDetails, &parameters);
        }
    }

    /// <summary>Begins a response in chunks, which closes the connection at its end. Not implemented before 1.12.6.</summary>
    public OrthancErrorCode StartStream(ReadOnlySpan<byte> contentType, HeaderBlock? headers = null)
    {
        using var text = new NativeText(contentType, stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new OutputArgumentParameters { Output = _output, Argument = pointer };
            return _context.SupportsStreamAnswers
                ? _context.Invoke(OrthancService.StartStreamAnswer, &parameters, _output, headers)
                : OrthancErrorCode.NotImplemented;
        }
    }

    public OrthancErrorCode SendChunk(ReadOnlySpan<byte> chunk)
    {
        if (!_context.SupportsStreamAnswers)
        {
            return OrthancErrorCode.NotImplemented;
        }

        fixed (byte* pointer = chunk)
        {
            var parameters = new AnswerBufferParameters { Output = _output, Answer = pointer, AnswerSize = (uint)chunk.Length };
            return _context.Invoke(OrthancService.SendStreamChunk, &parameters);
        }
    }

    private OrthancErrorCode Respond(void* body, uint size, ReadOnlySpan<byte> contentType, HeaderBlock? headers)
    {
        using var text = new NativeText(contentType, stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new AnswerBufferParameters { Output = _output, Answer = body, AnswerSize = size, MimeType = pointer };
            return _context.Invoke(OrthancService.AnswerBuffer, &parameters, _output, headers);
        }
    }

    private OrthancErrorCode SendStatus(int status, void* body, uint size, HeaderBlock? headers)
    {
        var parameters = new SendHttpStatusParameters { Output = _output, Status = (ushort)status, Body = body, BodySize = size };
        return _context.Invoke(OrthancService.SendHttpStatus, &parameters, _output, headers);
    }

    private OrthancErrorCode SendArgument(OrthancService service, string argument)
    {
        using var text = new NativeText(argument.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new OutputArgumentParameters { Output = _output, Argument = pointer };
            return _context.Invoke(service, &parameters);
        }
    }
}
