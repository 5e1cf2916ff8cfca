using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Requests;
using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Host;

namespace OrthancCachePlugin;

/// <summary>
/// The wall between C and us. Every function that Orthanc calls is one call into here; no exception passes, because one that does ends
/// the server.
/// </summary>
internal static unsafe class Boundary
{
    /// <summary>How long calls may take to come back that are under way when the context goes. Those of Orthanc's own threads are over then.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromMilliseconds(500);

    private static Plugin? _plugin;

    /// <summary>The running plugin; null before Initialize, after Finalize, and while the configuration disables it.</summary>
    public static Plugin? Plugin => Volatile.Read(ref _plugin);

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
                WindowsModule.StayLoaded();
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
            Contain(log, "Initialize", exception);
            context?.Close(CloseTimeout);
            return (int)OrthancErrorCode.Plugin;
        }
    }

    public static void FinalizePlugin()
    {
        var plugin = Interlocked.Exchange(ref _plugin, null);
        try
        {
            plugin?.Stop();
        }
        catch (Exception exception)
        {
            Contain(plugin?.Log, "Finalize", exception);
        }

        // Whoever is left behind meets a closed door: with the return of this, the context is freed memory.
        plugin?.Context.Close(CloseTimeout);
    }

    public static OrthancErrorCode Rest(NativeRestOutput* output, byte* path, NativeHttpRequest* request)
    {
        var plugin = Plugin;
        if (plugin is null || request is null)
        {
            return OrthancErrorCode.InternalError;
        }

        try
        {
            return plugin.Serve(new RestOutput(plugin.Context, output), path, request);
        }
        catch (Exception exception)
        {
            Contain(plugin.Log, "a request", exception);
            return OrthancErrorCode.InternalError;
        }
    }

    public static OrthancErrorCode Admin(NativeRestOutput* output, byte* path, NativeHttpRequest* request)
    {
        var plugin = Plugin;
        if (plugin is null || request is null)
        {
            return OrthancErrorCode.InternalError;
        }

        try
        {
            return plugin.Admin.Serve(
                new RestOutput(plugin.Context, output), Bindings.Text.NativeString.AsSpan(path), new RestRequest(request));
        }
        catch (Exception exception)
        {
            Contain(plugin.Log, "an administrative request", exception);
            return OrthancErrorCode.InternalError;
        }
    }

    public static void RefreshMetrics()
    {
        var plugin = Plugin;
        try
        {
            plugin?.Metrics.Refresh();
        }
        catch (Exception exception)
        {
            Contain(plugin?.Log, "the metrics", exception);
        }
    }

    public static OrthancErrorCode Change(OrthancChangeType type, OrthancResourceType level, byte* id)
    {
        var plugin = Plugin;
        try
        {
            plugin?.Events.Changed(type, level, Bindings.Text.NativeString.AsSpan(id));
        }
        catch (Exception exception)
        {
            plugin?.Events.Distrust(); // first, for it cannot fail
            Contain(plugin?.Log, "a change event", exception);
        }

        return OrthancErrorCode.Success; // anything else stops nothing and floods the log of Orthanc
    }

    public static OrthancErrorCode Stored(byte* id)
    {
        var plugin = Plugin;
        try
        {
            plugin?.Events.InstanceStored(Bindings.Text.NativeString.AsSpan(id));
        }
        catch (Exception exception)
        {
            plugin?.Events.Distrust(); // first, for it cannot fail
            Contain(plugin?.Log, "a stored instance", exception);
        }

        return OrthancErrorCode.Success;
    }

    /// <summary>Sees every request from outside; refuses none.</summary>
    public static int Filter(OrthancHttpMethod method, byte* path)
    {
        var plugin = Plugin;
        try
        {
            plugin?.Events.RequestSeen(method, Bindings.Text.NativeString.AsSpan(path));
        }
        catch (Exception exception)
        {
            plugin?.Events.Distrust(); // first, for it cannot fail
            Contain(plugin?.Log, "the request filter", exception);
        }

        return 1;
    }

    /// <summary>Contains what a job threw; its log is that of the running plugin, if there is one.</summary>
    public static void Contain(string where, Exception exception) => Contain(Plugin?.Log, where, exception);

    private static void Contain(ILog? log, string where, Exception exception)
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
            // There is nobody left to tell.
        }
    }
}
