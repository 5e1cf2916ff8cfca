using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Host;

/// <summary>Orthanc's jobs engine. Jobs are made in the older form with texts: in the buffered form, since 1.11.3, Orthanc asks the wrong function
/// for what it saves, and no job survives a restart. The price is one line in Orthanc's log per job about an old function.</summary>
internal sealed unsafe class OrthancJobs(OrthancContext context, OrthancEvents events) : IJobsEngine
{
    public string? Submit(WarmUpJob job, int priority)
    {
        var native = Create(job);
        return native is null ? null : events.SubmitOwnJob(() => Submit((nint)native, priority));
    }

    /// <summary>Null where Orthanc refuses.</summary>
    public NativeJob* Create(WarmUpJob job)
    {
        var hosted = new HostedJob(job);
        if (context.CreateJob(hosted.Hold(), WarmUpJob.Type, JobCallbacks.Functions, out var native) == OrthancErrorCode.Success)
        {
            return native;
        }

        hosted.Release();
        return null;
    }

    private string? Submit(nint native, int priority)
    {
        var code = context.SubmitJob((NativeJob*)native, priority, out var id);
        return code == OrthancErrorCode.Success ? id : null;
    }
}
