using System.Text;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Requests;
using OrthancCachePlugin.Core.Refusals;

namespace OrthancCachePlugin.Host;

/// <summary>Asks the core a second question, on a thread with room on its stack: a probe may decode an image.</summary>
internal sealed class CoreProbe(OrthancContext context, BigStackThreads threads) : ICoreProbe
{
    /// <inheritdoc/>
    public int Ask(string path)
    {
        using var answer = Get(path);
        return answer.Code != OrthancErrorCode.Success ? (int)answer.Code
            : answer.Status == 200 ? CoreCode.Success
            : CoreCode.UnknownResource;
    }

    /// <inheritdoc/>
    public string? Read(string path)
    {
        using var answer = Get(path);
        return answer.IsSuccess && answer.IsReadable ? Encoding.Latin1.GetString(answer.Body) : null;
    }

    /// <summary>Asks; the caller owns the answer.</summary>
    public OrthancAnswer Get(string path)
    {
        var call = new Call(context, Encoding.Latin1.GetBytes(path));
        threads.Run(call);
        return call.Answer!;
    }

#pragma warning disable CA1001 // The answer is only on its way from one thread to the other.
    private sealed class Call(OrthancContext context, byte[] path) : BigStackThreads.IWork
#pragma warning restore CA1001
    {
        public OrthancAnswer? Answer { get; private set; }

        public bool IsLarge => false;

        public void Execute()
        {
            using var headers = new RestApiHeaders(default);
            var code = context.CallRestApi(OrthancHttpMethod.Get, path, headers, default, afterPlugins: false, out var answer);
            Answer = new OrthancAnswer(code, answer);
        }
    }
}
