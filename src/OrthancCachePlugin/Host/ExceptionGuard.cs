using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Requests;

namespace OrthancCachePlugin.Host;

/// <summary>
/// Stops C++ exceptions that leave a service of Orthanc, before they reach frames of .NET: that would end the server. The work is
/// done by Native/exception_guard.cpp, which is linked in on Linux; elsewhere services are called as they are.
/// </summary>
internal static unsafe partial class ExceptionGuard
{
#if EXCEPTION_GUARD
    /// <summary>Whether exceptions are stopped: the host shares its C++ runtime with us.</summary>
    public static bool Works { get; } = GuardWorks() != 0;

    /// <summary>Sets headers and calls a service, as <see cref="Bindings.OrthancContext"/> takes it; null where there is no guard.</summary>
    public static delegate*<NativeContext*, NativeRestOutput*, NativeHeader*, int, int, void*, out int, OrthancErrorCode> Call => &Invoke;

    private static OrthancErrorCode Invoke(
        NativeContext* context, NativeRestOutput* output, NativeHeader* headers, int count, int service, void* parameters, out int exception)
    {
        int kind;
        var code = GuardedCall(context->InvokeService, context, output, headers, count, service, parameters, &kind);
        exception = kind;
        return (OrthancErrorCode)code;
    }

    [LibraryImport("exception_guard", EntryPoint = "response_cache_guarded_call")]
    private static partial int GuardedCall(
        void* invoke, void* context, void* output, void* headers, int count, int service, void* parameters, int* kind);

    [LibraryImport("exception_guard", EntryPoint = "response_cache_guard_works")]
    private static partial int GuardWorks();
#else
    /// <summary>Whether exceptions are stopped: the host shares its C++ runtime with us.</summary>
    public static bool Works => false;

    /// <summary>Sets headers and calls a service, as <see cref="Bindings.OrthancContext"/> takes it; null where there is no guard.</summary>
    public static delegate*<NativeContext*, NativeRestOutput*, NativeHeader*, int, int, void*, out int, OrthancErrorCode> Call => null;
#endif
}
