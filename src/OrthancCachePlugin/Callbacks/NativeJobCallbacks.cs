using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Callbacks;

/// <summary>What Orthanc's jobs engine calls: each is one call into <see cref="JobBoundary"/>.</summary>
internal static unsafe class NativeJobCallbacks
{
    [UnmanagedCallersOnly]
    public static void Release(void* job) => JobBoundary.Release(job);

    [UnmanagedCallersOnly]
    public static float GetProgress(void* job) => JobBoundary.GetProgress(job);

    [UnmanagedCallersOnly]
    public static byte* GetContent(void* job) => JobBoundary.GetContent(job);

    [UnmanagedCallersOnly]
    public static byte* GetSerialized(void* job) => JobBoundary.GetSerialized(job);

    [UnmanagedCallersOnly]
    public static OrthancJobStepStatus Step(void* job) => JobBoundary.Step(job);

    [UnmanagedCallersOnly]
    public static OrthancErrorCode Stop(void* job, OrthancJobStopReason reason) => JobBoundary.Stop(job, reason);

    [UnmanagedCallersOnly]
    public static OrthancErrorCode Reset(void* job) => JobBoundary.Reset(job);

    [UnmanagedCallersOnly]
    public static NativeJob* Unserialize(byte* type, byte* serialized) => JobBoundary.Unserialize(type, serialized);
}
