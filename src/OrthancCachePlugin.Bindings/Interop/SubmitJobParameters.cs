using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of SubmitJob.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SubmitJobParameters
{
    public byte** ResultId;
    public NativeJob* Job;
    public int Priority;
}
