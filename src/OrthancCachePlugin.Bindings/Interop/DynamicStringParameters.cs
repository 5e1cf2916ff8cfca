using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of services that answer with a text of their own: GetConfiguration, GetOrthancPath.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DynamicStringParameters
{
    public byte** Result;

    /// <summary>Null: these two take no argument.</summary>
    public byte* Argument;
}
