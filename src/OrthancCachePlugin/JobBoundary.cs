using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Text;
using OrthancCachePlugin.Core.WarmUp;
using OrthancCachePlugin.Host;

namespace OrthancCachePlugin;

/// <summary>The part of the wall of <see cref="Boundary"/> that the jobs engine meets. A job whose code fails is a failed job.</summary>
internal static unsafe class JobBoundary
{
    public static void Release(void* job)
    {
        try
        {
            HostedJob.Of(job).Release();
        }
        catch (Exception exception)
        {
            Boundary.Contain("the end of a job", exception);
        }
    }

    public static float GetProgress(void* job)
    {
        try
        {
            return HostedJob.Of(job).Job.Progress;
        }
        catch (Exception exception)
        {
            Boundary.Contain("a job's progress", exception);
            return 0;
        }
    }

    /// <summary>Null means an empty object to Orthanc.</summary>
    public static byte* GetContent(void* job)
    {
        try
        {
            return HostedJob.Of(job).GetContent();
        }
        catch (Exception exception)
        {
            Boundary.Contain("a job's content", exception);
            return null;
        }
    }

    /// <summary>Null means to Orthanc that the job does not survive a restart.</summary>
    public static byte* GetSerialized(void* job)
    {
        try
        {
            return HostedJob.Of(job).GetSerialized();
        }
        catch (Exception exception)
        {
            Boundary.Contain("a job's state", exception);
            return null;
        }
    }

    public static OrthancJobStepStatus Step(void* job)
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
            Boundary.Contain("a job", exception);
            return OrthancJobStepStatus.Failure;
        }
    }

    public static OrthancErrorCode Stop(void* job, OrthancJobStopReason reason)
    {
        try
        {
            HostedJob.Of(job).Job.Stop(reason != OrthancJobStopReason.Paused, reason == OrthancJobStopReason.Success);
        }
        catch (Exception exception)
        {
            Boundary.Contain("the stop of a job", exception);
        }

        return OrthancErrorCode.Success;
    }

    public static OrthancErrorCode Reset(void* job)
    {
        try
        {
            HostedJob.Of(job).Job.Reset();
        }
        catch (Exception exception)
        {
            Boundary.Contain("the reset of a job", exception);
        }

        return OrthancErrorCode.Success;
    }

    /// <summary>Null for a job that is not ours or cannot be read.</summary>
    public static NativeJob* Unserialize(byte* type, byte* serialized)
    {
        try
        {
            var plugin = Boundary.Plugin;
            var isOurs = NativeString.AsSpan(type).SequenceEqual("ResponseCacheWarmUp"u8);
            return plugin is not null && isOurs ? plugin.RestoreJob(NativeString.AsSpan(serialized)) : null;
        }
        catch (Exception exception)
        {
            Boundary.Contain("restoring a job", exception);
            return null;
        }
    }
}
