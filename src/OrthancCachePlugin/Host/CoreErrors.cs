using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Requests;

namespace OrthancCachePlugin.Host;

/// <summary>Says to the client what the core would have said where an internal call did not end in a 200.</summary>
internal sealed class CoreErrors(OrthancContext context)
{
    /// <summary>Answers, or returns the error from which the core makes its answer.</summary>
    public OrthancErrorCode Answer(RestOutput output, RestRequest request, ReadOnlySpan<byte> path, OrthancAnswer? answer)
    {
        _ = context;
        _ = request;
        _ = path;
        if (answer is null)
        {
            return OrthancErrorCode.UnknownResource;
        }

        return answer.Code != OrthancErrorCode.Success
            ? answer.Code
            : output.SendStatus(answer.Status, answer.Body);
    }
}
