using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Host;

namespace OrthancCachePlugin;

/// <summary>What Orthanc's jobs engine calls. A job whose code throws is a failed job.</summary>
internal static unsafe class JobCallbacks
{
    public static JobFunctions Functions => new()
    {
        Finalize = &Release,
        GetProgress = &GetProgress,
        GetContent = &GetContent,
        GetSerialized = &GetSerialized,
        Step = &Step,
        Stop = &Stop,
        Reset = &Reset,
    };

    /// <summary>Null for a job that is not ours or cannot be read.</summary>
    [UnmanagedCallersOnly]
    public static NativeJob* Unserialize(byte* type, byte* serialized)
    {
        try
        {
            var plugin = Exports.Plugin;
            var isOurs = NativeString.AsSpan(type).SequenceEqual("ResponseCacheWarmUp"u8);
            return plugin is not null && isOurs ? plugin.RestoreJob(NativeString.AsSpan(serialized)) : null;
        }
        catch (Exception exception)
        {
            Report("restoring a job", exception);
            return null;
        }
    }

    [UnmanagedCallersOnly]
    private static void Release(void* job)
    {
        try
        {
            HostedJob.Of(job).Release();
        }
        catch (Exception exception)
        {
            Report("the end of a job", exception);
        }
    }

    [UnmanagedCallersOnly]
    private static float GetProgress(void* job)
    {
        try
        {
            return HostedJob.Of(job).Job.Progress;
        }
        catch (Exception exception)
        {
            Report("a job's progress", exception);
            return 0;
        }
    }

    /// <summary>Null means an empty object to Orthanc.</summary>
    [UnmanagedCallersOnly]
    private static byte* GetContent(void* job)
    {
        try
        {
            return HostedJob.Of(job).GetContent();
        }
        catch (Exception exception)
        {
            Report("a job's content", exception);
            return null;
        }
    }

    /// <summary>Null means to Orthanc that the job does not survive a restart.</summary>
    [UnmanagedCallersOnly]
    private static byte* GetSerialized(void* job)
    {
        try
        {
            return HostedJob.Of(job).GetSerialized();
        }
        catch (Exception exception)
        {
            Report("a job's state", exception);
            return null;
        }
    }

    [UnmanagedCallersOnly]
    private static OrthancJobStepStatus Step(void* job)
    {
        try
        {
            return HostedJob.Of(job).Job.Step() switch
            {
                JobStep.Continue => OrthancJobStepStatus.Continue,
                JobStep.Success => OrthancJobStepStatus.Success,
                _ => OrthancJobStepStatus.Failure,
            };
        }
        catch (Exception exception)
        {
            Report("a job", exception);
            return OrthancJobStepStatus.Failure;
        }
    }

    [UnmanagedCallersOnly]
    private static OrthancErrorCode Stop(void* job, OrthancJobStopReason reason)
    {
        try
        {
            HostedJob.Of(job).Job.Stop(reason != OrthancJobStopReason.Paused, reason == OrthancJobStopReason.Success);
        }
        catch (Exception exception)
        {
            Report("the stop of a job", exception);
        }

        return OrthancErrorCode.Success;
    }

    [UnmanagedCallersOnly]
    private static OrthancErrorCode Reset(void* job)
    {
        try
        {
            HostedJob.Of(job).Job.Reset();
        }
        catch (Exception exception)
        {
            Report("the reset of a job", exception);
        }

        return OrthancErrorCode.Success;
    }

    private static void Report(string where, Exception exception) => Exports.Report(Exports.Plugin?.Log, where, exception);
}
