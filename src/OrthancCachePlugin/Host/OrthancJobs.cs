using System.Text;
using System.Text.Json;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.WarmUp.Jobs;

namespace OrthancCachePlugin.Host;

/// <summary>Orthanc's jobs engine.</summary>
internal sealed unsafe class OrthancJobs(OrthancContext context, OrthancEvents events) : IJobsEngine
{
    /// <inheritdoc/>
    public string? Submit(WarmUpJob job, int priority)
    {
        var native = Create(job);
        return native is null ? null : events.SubmitOwnJob(() => Submit((nint)native, priority));
    }

    /// <inheritdoc/>
    public string StateOf(string id)
    {
        using var headers = new RestApiHeaders(default);
        var code = context.CallRestApi(OrthancHttpMethod.Get, Encoding.UTF8.GetBytes($"/jobs/{id}"), headers, default, out var response);
        using var owned = new OrthancResponse(code, response);
        if (!owned.IsSuccess)
        {
            return "";
        }

        var reader = new Utf8JsonReader(owned.Body);
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement.GetProperty("State").GetString() ?? "";
    }

    /// <summary>Wraps a job for the engine; null where Orthanc does not let us.</summary>
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
