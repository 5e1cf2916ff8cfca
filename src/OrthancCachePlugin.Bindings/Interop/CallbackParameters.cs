using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of every registration that takes one function and nothing else.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CallbackParameters
{
    public void* Callback;
}
