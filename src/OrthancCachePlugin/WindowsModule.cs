using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace OrthancCachePlugin;

/// <summary>What the linker's <c>nodelete</c> does on Linux: code compiled ahead of time cannot be unloaded, and Orthanc unloads its plugins.</summary>
[SupportedOSPlatform("windows")]
internal static unsafe partial class WindowsModule
{
    private const uint Pin = 1;
    private const uint FromAddress = 4;

    /// <summary>Keeps this library mapped until the process ends, however often it is freed. May be called again.</summary>
    /// <exception cref="Win32Exception">Windows refused.</exception>
    public static void StayLoaded()
    {
        delegate* unmanaged<byte*> inside = &Exports.GetVersion;
        if (GetModuleHandleEx(Pin | FromAddress, inside, out _) == 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("kernel32", EntryPoint = "GetModuleHandleExW", SetLastError = true)]
    private static partial int GetModuleHandleEx(uint flags, void* address, out nint module);
}
