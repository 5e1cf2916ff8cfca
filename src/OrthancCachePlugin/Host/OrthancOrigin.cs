using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;

namespace OrthancCachePlugin.Host;

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
