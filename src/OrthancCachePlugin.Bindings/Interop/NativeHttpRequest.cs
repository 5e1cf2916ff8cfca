using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>
/// A request as a REST callback receives it. Owned by Orthanc; valid until the callback returns. Arrays may be null where their count is 0.
/// </summary>
/// <remarks>72 bytes; Orthanc 1.12.9 appended two members, which we do not read, so this layout serves all versions.</remarks>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct NativeHttpRequest
{
    public OrthancHttpMethod Method;
    public uint GroupsCount;
    public byte** Groups;
    public uint GetCount;
    public byte** GetKeys;
    public byte** GetValues;
    public void* Body;
    public uint BodySize;
    public uint HeadersCount;
    public byte** HeadersKeys;
    public byte** HeadersValues;
}
