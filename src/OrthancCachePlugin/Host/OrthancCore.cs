using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Requests;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Host;

/// <summary>The core's built-in REST API for questions of our own.</summary>
internal sealed class OrthancCore(OrthancContext context) : ICore
{
    /// <inheritdoc/>
    public OriginAnswer Get(ReadOnlySpan<byte> path)
    {
        using var headers = new RestApiHeaders(default);
        var code = context.CallRestApi(OrthancHttpMethod.Get, path, headers, default, afterPlugins: false, out var answer);
        return new OrthancAnswer(code, answer);
    }
}
