using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of SendHttpStatus.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SendHttpStatusParameters
{
    public NativeRestOutput* Output;
    public ushort Status;
    public void* Body;
    public uint BodySize;
}
