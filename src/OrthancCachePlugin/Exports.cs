using System.ComponentModel;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Host;

namespace OrthancCachePlugin;

/// <summary>The four functions that Orthanc looks for in a plugin. An exception that leaves one of them ends the server.</summary>
internal static unsafe partial class Exports
{
    /// <summary>How long Finalize waits for calls into Orthanc that are under way.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromMilliseconds(500);

    // Orthanc keeps the pointers, and the library is never unloaded.
    private static readonly byte* Name = NativeString.Copy("response-cache"u8);
    private static readonly byte* NativeVersion = NativeString.Copy(Encoding.UTF8.GetBytes(Version));

    private static Plugin? _plugin;

    /// <summary>The running plugin; null before Initialize, after Finalize, and while the configuration disables it.</summary>
    public static Plugin? Plugin => Volatile.Read(ref _plugin);

    public static string Version =>
        typeof(Exports).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    [UnmanagedCallersOnly(EntryPoint = "OrthancPluginInitialize")]
    public static int Initialize(NativeContext* native)
    {
        if (native is null)
        {
            return (int)OrthancErrorCode.NullPointer;
        }

        OrthancContext? context = null;
        OrthancLog? log = null;
        try
        {
            context = new OrthancContext(native, ExceptionGuard.Call);
            log = new OrthancLog(context);
            if (OperatingSystem.IsWindows())
            {
                StayLoaded();
            }

            var code = Plugin.Start(context, log, out var plugin);
            Volatile.Write(ref _plugin, plugin);
            if (plugin is null)
            {
                context.Close(CloseTimeout); // Orthanc calls no Finalize then
            }

            return (int)code;
        }
        catch (Exception exception)
        {
            Report(log, "Initialize", exception);
            context?.Close(CloseTimeout);
            return (int)OrthancErrorCode.Plugin;
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "OrthancPluginFinalize")]
    public static void FinalizePlugin()
    {
        var plugin = Interlocked.Exchange(ref _plugin, null);
        try
        {
            plugin?.Stop();
        }
        catch (Exception exception)
        {
            Report(plugin?.Log, "Finalize", exception);
        }

        plugin?.Context.Close(CloseTimeout); // with the return of this, the context is freed memory
    }

    [UnmanagedCallersOnly(EntryPoint = "OrthancPluginGetName")]
    public static byte* GetName() => Name;

    [UnmanagedCallersOnly(EntryPoint = "OrthancPluginGetVersion")]
    public static byte* GetVersion() => NativeVersion;

    /// <summary>Logs what a callback threw. Never throws.</summary>
    public static void Report(ILog? log, string where, Exception exception)
    {
        try
        {
            if (log is not null)
            {
                LogMessages.Escaped(log, where, exception.GetType().Name);
            }
        }
        catch
        {
            // nobody is left to tell
        }
    }

    /// <summary>Keeps this library mapped, as the linker's <c>nodelete</c> does on Linux: NativeAOT code cannot be unloaded. May be called
    /// again.</summary>
    [SupportedOSPlatform("windows")]
    private static void StayLoaded()
    {
        const uint Pin = 1;
        const uint FromAddress = 4;
        delegate* unmanaged<byte*> inside = &GetVersion;
        if (GetModuleHandleEx(Pin | FromAddress, inside, out _) == 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("kernel32", EntryPoint = "GetModuleHandleExW", SetLastError = true)]
    private static partial int GetModuleHandleEx(uint flags, void* address, out nint module);
}
