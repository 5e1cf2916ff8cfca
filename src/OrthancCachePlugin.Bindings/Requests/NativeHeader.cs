using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Requests;

/// <summary>One header of a response, as two zero-terminated texts. Not of the SDK: how a guard takes several at once.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct NativeHeader
{
    public byte* Name;
    public byte* Value;
}
