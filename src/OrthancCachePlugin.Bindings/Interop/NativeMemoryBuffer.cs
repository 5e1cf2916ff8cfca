using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Memory that crosses the boundary; whoever receives it frees <see cref="Data"/> with <see cref="NativeContext.Free"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct NativeMemoryBuffer
{
    /// <summary>Null where <see cref="Size"/> is 0.</summary>
    public void* Data;

    /// <summary>In bytes.</summary>
    public uint Size;
}
