using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of SetMetricsIntegerValue.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SetMetricsIntegerValueParameters
{
    public byte* Name;
    public long Value;
    public OrthancMetricsType Type;
}
