using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of SendHttpStatusCode.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SendHttpStatusCodeParameters
{
    public NativeRestOutput* Output;
    public ushort Status;
}
