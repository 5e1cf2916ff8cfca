using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of FreeJob.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct FreeJobParameters
{
    public NativeJob* Job;
}
