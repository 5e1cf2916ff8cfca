using OrthancCachePlugin.Bindings.Memory;

namespace OrthancCachePlugin.Bindings.Requests;

/// <summary>What the origin answered to an internal call. Owns both buffers; disposing frees them.</summary>
public sealed class RestApiResponse : IDisposable
{
    internal RestApiResponse(int status, OwnedMemoryBuffer body, OwnedMemoryBuffer headers)
    {
        Status = status;
        Body = body;
        Headers = headers;
    }

    /// <summary>The HTTP status; 200, or what Orthanc lets through.</summary>
    public int Status { get; }

    /// <summary>The body, never compressed by Orthanc. Also freed by this object.</summary>
    public OwnedMemoryBuffer Body { get; }

    /// <summary>A JSON object of texts, one member per header; empty where there is none. Names are in lower case.</summary>
    public OwnedMemoryBuffer Headers { get; }

    /// <summary>Frees body and headers.</summary>
    public void Dispose()
    {
        Body.Dispose();
        Headers.Dispose();
    }
}
