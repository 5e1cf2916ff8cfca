using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of RestApiGet and RestApiGetAfterPlugins.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RestApiGetParameters
{
    public NativeMemoryBuffer* Target;
    public byte* Uri;
}
