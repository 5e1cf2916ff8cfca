using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of RegisterRestCallbackNoLock.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RestCallbackParameters
{
    /// <summary>Copied by Orthanc; it must match the whole path.</summary>
    public byte* PathRegularExpression;
    public void* Callback;
}
