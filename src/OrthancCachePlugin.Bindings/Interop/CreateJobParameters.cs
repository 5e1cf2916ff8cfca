using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of CreateJob and CreateJob2, which differ in the signatures of the two content functions.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CreateJobParameters
{
    public NativeJob** Target;
    public void* Job;
    public void* Finalize;
    public byte* Type;
    public void* GetProgress;
    public void* GetContent;
    public void* GetSerialized;
    public void* Step;
    public void* Stop;
    public void* Reset;
}
