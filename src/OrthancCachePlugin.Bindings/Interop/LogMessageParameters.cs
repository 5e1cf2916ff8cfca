using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of LogMessage.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LogMessageParameters
{
    public byte* Message;
    public byte* Plugin;
    public byte* File;
    public uint Line;
    public OrthancLogCategory Category;
    public OrthancLogLevel Level;
}
