using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of SetPluginProperty.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SetPluginPropertyParameters
{
    public byte* Plugin;
    public OrthancPluginProperty Property;
    public byte* Value;
}
