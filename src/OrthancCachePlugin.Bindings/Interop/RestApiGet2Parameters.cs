using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of RestApiGet2.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RestApiGet2Parameters
{
    public NativeMemoryBuffer* Target;
    public byte* Uri;
    public uint HeadersCount;
    public byte** HeadersKeys;
    public byte** HeadersValues;
    public int AfterPlugins;
}
