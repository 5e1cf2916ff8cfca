using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of SetMetricsValue.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SetMetricsValueParameters
{
    public byte* Name;
    public float Value;
    public OrthancMetricsType Type;
}
