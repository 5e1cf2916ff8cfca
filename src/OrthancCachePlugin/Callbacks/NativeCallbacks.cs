using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Callbacks;

/// <summary>What Orthanc calls: each is one call into <see cref="Boundary"/>.</summary>
internal static unsafe class NativeCallbacks
{
    [UnmanagedCallersOnly]
    public static OrthancErrorCode Rest(NativeRestOutput* output, byte* path, NativeHttpRequest* request) =>
        Boundary.Rest(output, path, request);

    [UnmanagedCallersOnly]
    public static OrthancErrorCode Admin(NativeRestOutput* output, byte* path, NativeHttpRequest* request) =>
        Boundary.Admin(output, path, request);

    [UnmanagedCallersOnly]
    public static void RefreshMetrics() => Boundary.RefreshMetrics();

    [UnmanagedCallersOnly]
    public static OrthancErrorCode Change(OrthancChangeType type, OrthancResourceType level, byte* id) =>
        Boundary.Change(type, level, id);

    [UnmanagedCallersOnly]
    public static OrthancErrorCode Stored(NativeDicomInstance* instance, byte* id) => Boundary.Stored(id);

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
        byte** argumentsValues) => Boundary.Filter(method, path);
}
