using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of SetHttpHeader; both texts are copied by Orthanc.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SetHttpHeaderParameters
{
    public NativeRestOutput* Output;
    public byte* Key;
    public byte* Value;
}
