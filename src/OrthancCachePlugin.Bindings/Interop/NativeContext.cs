using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>What Orthanc hands to <c>OrthancPluginInitialize</c>. Owned by Orthanc; valid until Finalize has returned.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct NativeContext
{
    /// <summary>Orthanc's own; not ours to look at.</summary>
    public void* PluginsManager;

    /// <summary>Zero-terminated, as in <c>1.12.7</c> or <c>mainline</c>.</summary>
    public byte* OrthancVersion;

    /// <summary>Releases what a service allocated. Callable from any thread.</summary>
    public delegate* unmanaged<void*, void> Free;

    /// <summary>Calls a service: the context itself, the number of the service, and its parameters.</summary>
    public delegate* unmanaged<NativeContext*, int, void*, OrthancErrorCode> InvokeService;
}
