using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of ComputeMd5 and ComputeSha1.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ComputeHashParameters
{
    public byte** Result;
    public void* Buffer;
    public uint Size;
}
