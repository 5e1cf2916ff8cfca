using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin;

/// <summary>The four functions that Orthanc looks for in a plugin.</summary>
internal static unsafe class Exports
{
    // Orthanc keeps the pointers, so the texts must never move or go: literals live in the read-only data of the library.
    private static ReadOnlySpan<byte> Name => "response-cache\0"u8;

    [UnmanagedCallersOnly(EntryPoint = "OrthancPluginInitialize")]
    public static int Initialize(NativeContext* context) => Boundary.Initialize(context);

    [UnmanagedCallersOnly(EntryPoint = "OrthancPluginFinalize")]
    public static void FinalizePlugin() => Boundary.FinalizePlugin();

    [UnmanagedCallersOnly(EntryPoint = "OrthancPluginGetName")]
    public static byte* GetName() => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Name));

    [UnmanagedCallersOnly(EntryPoint = "OrthancPluginGetVersion")]
    public static byte* GetVersion() => PluginVersion.Native;
}
