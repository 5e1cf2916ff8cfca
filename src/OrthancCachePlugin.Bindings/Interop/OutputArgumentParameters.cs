using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of Redirect, SendMethodNotAllowed and StartStreamAnswer: an output and one text.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OutputArgumentParameters
{
    public NativeRestOutput* Output;
    public byte* Argument;
}
