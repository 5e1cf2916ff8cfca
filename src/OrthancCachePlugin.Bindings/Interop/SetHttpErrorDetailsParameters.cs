using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of SetHttpErrorDetails.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SetHttpErrorDetailsParameters
{
    public NativeRestOutput* Output;
    public byte* Details;
    public byte Log;
}
