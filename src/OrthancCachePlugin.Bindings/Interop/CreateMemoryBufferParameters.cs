using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of CreateMemoryBuffer.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CreateMemoryBufferParameters
{
    public NativeMemoryBuffer* Target;
    public uint Size;
}
