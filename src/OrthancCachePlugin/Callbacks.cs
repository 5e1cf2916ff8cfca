using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin;

/// <summary>What Orthanc calls. An exception that leaves one of these ends the server, so each holds its own <c>try</c>.</summary>
internal static unsafe class Callbacks
{
    [UnmanagedCallersOnly]
    public static OrthancErrorCode Rest(NativeRestOutput* output, byte* path, NativeHttpRequest* request)
    {
        var plugin = Exports.Plugin;
        if (plugin is null || request is null)
        {
            return OrthancErrorCode.InternalError;
        }

        try
        {
            return plugin.Serve(new RestOutput(plugin.Context, output), new RestRequest(request, path));
        }
        catch (Exception exception)
        {
            Exports.Report(plugin.Log, "a request", exception);
            return OrthancErrorCode.InternalError;
        }
    }

    [UnmanagedCallersOnly]
    public static OrthancErrorCode Admin(NativeRestOutput* output, byte* path, NativeHttpRequest* request)
    {
        var plugin = Exports.Plugin;
        if (plugin is null || request is null)
        {
            return OrthancErrorCode.InternalError;
        }

        try
        {
            return plugin.Admin.Serve(new RestOutput(plugin.Context, output), new RestRequest(request, path));
        }
        catch (Exception exception)
        {
            Exports.Report(plugin.Log, "an administrative request", exception);
            return OrthancErrorCode.InternalError;
        }
    }

    [UnmanagedCallersOnly]
    public static void RefreshMetrics()
    {
        var plugin = Exports.Plugin;
        try
        {
            plugin?.RefreshMetrics();
        }
        catch (Exception exception)
        {
            Exports.Report(plugin?.Log, "the metrics", exception);
        }
    }

    /// <summary>Always success: anything else stops nothing and floods the log of Orthanc.</summary>
    [UnmanagedCallersOnly]
    public static OrthancErrorCode Change(OrthancChangeType type, OrthancResourceType level, byte* id)
    {
        var plugin = Exports.Plugin;
        try
        {
            plugin?.Events.Changed(type, level, NativeString.AsSpan(id));
        }
        catch (Exception exception)
        {
            Distrust(plugin, "a change event", exception);
        }

        return OrthancErrorCode.Success;
    }

    [UnmanagedCallersOnly]
    public static OrthancErrorCode Stored(NativeDicomInstance* instance, byte* id)
    {
        var plugin = Exports.Plugin;
        try
        {
            plugin?.Events.InstanceStored(NativeString.AsSpan(id));
        }
        catch (Exception exception)
        {
            Distrust(plugin, "a stored instance", exception);
        }

        return OrthancErrorCode.Success;
    }

    /// <summary>Sees every request from outside; refuses none.</summary>
    [UnmanagedCallersOnly]
    public static int Filter(
        OrthancHttpMethod method,
        byte* path,
        byte* address,
        uint headersCount,
        byte** headersKeys,
        byte** headersValues,
        uint argumentsCount,
        byte** argumentsKeys,
        byte** argumentsValues)
    {
        var plugin = Exports.Plugin;
        try
        {
            plugin?.Events.RequestSeen(method, NativeString.AsSpan(path));
        }
        catch (Exception exception)
        {
            Distrust(plugin, "the request filter", exception);
        }

        return 1;
    }

    /// <summary>A change was reported and could not be taken in: in doubt everything is stale.</summary>
    private static void Distrust(Plugin? plugin, string where, Exception exception)
    {
        plugin?.Events.Distrust(); // first, for it cannot fail
        Exports.Report(plugin?.Log, where, exception);
    }
}
