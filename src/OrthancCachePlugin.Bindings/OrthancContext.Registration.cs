using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings;

/// <content>
/// Registrations, for Initialize only. A callback is a static method with <c>[UnmanagedCallersOnly]</c>; no exception may leave it, since
/// that ends the server. Orthanc forgets all of them at Finalize. The signatures have names in <c>CallbackSignatures.cs</c>.
/// </content>
public sealed unsafe partial class OrthancContext
{
    /// <summary>Takes over every method of the paths that match as a whole. Called from many threads at once.</summary>
    /// <param name="pathPattern">A regular expression (Boost, Perl syntax); its groups arrive with the request.</param>
    /// <param name="callback">Answers the request.</param>
    public OrthancErrorCode RegisterRestCallbackNoLock(string pathPattern, RestCallback callback)
    {
        using var text = new NativeText(pathPattern.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            var parameters = new RestCallbackParameters { PathRegularExpression = pointer, Callback = callback };
            return Invoke(OrthancService.RegisterRestCallbackNoLock, &parameters);
        }
    }

    /// <summary>Hears of changes, late and one by one, on a thread that all plugins share: no work and no call in there.</summary>
    public OrthancErrorCode RegisterOnChangeCallback(ChangeCallback callback) =>
        Register(OrthancService.RegisterOnChangeCallback, callback);

    /// <summary>Hears of each stored instance after it is in the database and before its upload is answered.</summary>
    public OrthancErrorCode RegisterOnStoredInstanceCallback(StoredInstanceCallback callback) =>
        Register(OrthancService.RegisterOnStoredInstanceCallback, callback);

    /// <summary>Sees every outside request before it runs; answers 1 to let it pass, 0 to refuse it, nothing else.</summary>
    public OrthancErrorCode RegisterIncomingHttpRequestFilter2(FilterCallback callback) =>
        Register(OrthancService.RegisterIncomingHttpRequestFilter2, callback);

    /// <summary>Is asked to set its metrics whenever somebody reads them.</summary>
    public OrthancErrorCode RegisterRefreshMetricsCallback(RefreshMetricsCallback callback) =>
        Register(OrthancService.RegisterRefreshMetricsCallback, callback);

    /// <summary>Is asked to make a job again from its serialized content, at start; answers null for a type that is not ours.</summary>
    public OrthancErrorCode RegisterJobsUnserializer(JobsUnserializer callback) =>
        Register(OrthancService.RegisterJobsUnserializer, callback);

    private OrthancErrorCode Register(OrthancService service, void* callback)
    {
        var parameters = new CallbackParameters { Callback = callback };
        return Invoke(service, &parameters);
    }
}
