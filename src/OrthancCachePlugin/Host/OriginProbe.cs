using System.Text;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Requests;
using OrthancCachePlugin.Core.Refusals;

namespace OrthancCachePlugin.Host;

/// <summary>Asks the origin a second question, on a thread with room on its stack: a probe may decode an image.</summary>
internal sealed class OriginProbe(OrthancContext context, BigStackThreads threads) : IOriginProbe
{
    /// <inheritdoc/>
    public int Ask(string path)
    {
        using var response = Get(path);
        return response.Code != OrthancErrorCode.Success ? (int)response.Code
            : response.Status == 200 ? OriginCode.Success
            : OriginCode.UnknownResource;
    }

    /// <inheritdoc/>
    public string? Read(string path)
    {
        using var response = Get(path);
        return response.IsSuccess && response.IsReadable ? Encoding.Latin1.GetString(response.Body) : null;
    }

    /// <summary>Asks; the caller owns the response.</summary>
    public OrthancResponse Get(string path)
    {
        var call = new Call(context, Encoding.Latin1.GetBytes(path));
        threads.Run(call);
        return call.Respond!;
    }

#pragma warning disable CA1001 // The response is only on its way from one thread to the other.
    private sealed class Call(OrthancContext context, byte[] path) : BigStackThreads.IWork
#pragma warning restore CA1001
    {
        public OrthancResponse? Respond { get; private set; }

        public bool IsLarge => false;

        public void Execute()
        {
            using var headers = new RestApiHeaders(default);
            var code = context.CallRestApi(OrthancHttpMethod.Get, path, headers, default, afterPlugins: false, out var response);
            Respond = new OrthancResponse(code, response);
        }
    }
}
