using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Memory;
using OrthancCachePlugin.Bindings.Requests;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings;

/// <content>
/// Calls into Orthanc's REST API from inside. They skip the HTTP authorisation, and collect the whole answer in memory, 4 GiB at most.
/// A path is percent-encoded and carries its query. <c>afterPlugins</c> lets plugins answer too; false means the origin alone.
/// </content>
public sealed unsafe partial class OrthancContext
{
    /// <summary>Calls with any method.</summary>
    /// <remarks>
    /// Orthanc keeps the body of a 200 only, and no body of a DELETE before 1.13.0. Another status is a response without a body for a GET
    /// since 1.13.0 and for a DELETE before; everywhere else it arrives as <see cref="OrthancErrorCode.UnknownResource"/>, whatever it
    /// was. An exception in the origin arrives as its own code.
    /// </remarks>
    public OrthancErrorCode CallRestApi(
        OrthancHttpMethod method,
        ReadOnlySpan<byte> uri,
        scoped in RestApiHeaders headers,
        ReadOnlySpan<byte> body,
        bool afterPlugins,
        out RestApiResponse? response)
    {
        fixed (byte* bodyPointer = body)
        {
            return CallRestApi(method, uri, in headers, bodyPointer, (uint)body.Length, afterPlugins, out response);
        }
    }

    /// <summary>Passes the method and the body of a request on, of whatever size; path and headers are the caller's choice.</summary>
    public OrthancErrorCode Forward(
        RestRequest request,
        ReadOnlySpan<byte> uri,
        scoped in RestApiHeaders headers,
        bool afterPlugins,
        out RestApiResponse? response) =>
        CallRestApi(request.Method, uri, in headers, request.BodyAddress, request.BodySize, afterPlugins, out response);

    /// <summary>A GET for a 200; a 404 comes as <see cref="OrthancErrorCode.UnknownResource"/>, other failures as other codes.</summary>
    public OrthancErrorCode RestApiGet(ReadOnlySpan<byte> uri, bool afterPlugins, out OwnedMemoryBuffer? body)
    {
        using var text = new NativeText(uri, stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            NativeMemoryBuffer buffer = default;
            var parameters = new RestApiGetParameters { Target = &buffer, Uri = pointer };
            OrthancErrorCode code = Invoke(
                afterPlugins ? OrthancService.RestApiGetAfterPlugins : OrthancService.RestApiGet, &parameters);
            body = null;
            return code == OrthancErrorCode.Success ? Adopt(buffer, out body) : code;
        }
    }

    /// <summary>As <see cref="RestApiGet"/>, with headers.</summary>
    public OrthancErrorCode RestApiGet2(
        ReadOnlySpan<byte> uri, scoped in RestApiHeaders headers, bool afterPlugins, out OwnedMemoryBuffer? body)
    {
        using var text = new NativeText(uri, stackalloc byte[NativeText.StackSize]);
        byte** names = stackalloc byte*[headers.Count];
        byte** values = stackalloc byte*[headers.Count];
        fixed (byte* pointer = text, block = headers)
        {
            headers.GetAddresses(block, names, values);
            NativeMemoryBuffer buffer = default;
            var parameters = new RestApiGet2Parameters
            {
                Target = &buffer,
                Uri = pointer,
                HeadersCount = (uint)headers.Count,
                HeadersKeys = names,
                HeadersValues = values,
                AfterPlugins = afterPlugins ? 1 : 0,
            };
            OrthancErrorCode code = Invoke(OrthancService.RestApiGet2, &parameters);
            body = null;
            return code == OrthancErrorCode.Success ? Adopt(buffer, out body) : code;
        }
    }

    private OrthancErrorCode CallRestApi(
        OrthancHttpMethod method,
        ReadOnlySpan<byte> uri,
        scoped in RestApiHeaders headers,
        void* body,
        uint bodySize,
        bool afterPlugins,
        out RestApiResponse? response)
    {
        response = null;
        using var text = new NativeText(uri, stackalloc byte[NativeText.StackSize]);
        byte** names = stackalloc byte*[headers.Count];
        byte** values = stackalloc byte*[headers.Count];
        fixed (byte* pointer = text, block = headers)
        {
            headers.GetAddresses(block, names, values);
            NativeMemoryBuffer responseBody = default;
            NativeMemoryBuffer responseHeaders = default;
            ushort status = 0;
            var parameters = new CallRestApiParameters
            {
                AnswerBody = &responseBody,
                ResponseHeaders = &responseHeaders,
                HttpStatus = &status,
                Method = method,
                Uri = pointer,
                HeadersCount = (uint)headers.Count,
                HeadersKeys = names,
                HeadersValues = values,
                Body = body,
                BodySize = bodySize,
                AfterPlugins = afterPlugins ? (byte)1 : (byte)0,
            };
            OrthancErrorCode code = Invoke(OrthancService.CallRestApi, &parameters);
            return code == OrthancErrorCode.Success ? Adopt(responseBody, responseHeaders, status, out response) : code;
        }
    }

    /// <summary>Takes both buffers over, or frees the good one where the other is absurd.</summary>
    private OrthancErrorCode Adopt(
        in NativeMemoryBuffer body, in NativeMemoryBuffer headers, ushort status, out RestApiResponse? response)
    {
        OrthancErrorCode bodyCode = Adopt(body, out OwnedMemoryBuffer? bodyOwner);
        OrthancErrorCode headersCode = Adopt(headers, out OwnedMemoryBuffer? headersOwner);
        if (bodyOwner is null || headersOwner is null)
        {
            bodyOwner?.Dispose();
            headersOwner?.Dispose();
            response = null;
            return bodyCode == OrthancErrorCode.Success ? headersCode : bodyCode;
        }

        response = new RestApiResponse(status, bodyOwner, headersOwner);
        return OrthancErrorCode.Success;
    }
}
