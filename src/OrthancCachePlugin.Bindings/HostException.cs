using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Bindings;

/// <summary>
/// C++ exceptions that left a service of Orthanc and were stopped by a guard. They come as error codes that the SDK does not have, so
/// that whoever only asks for success need not know of them.
/// </summary>
public static class HostException
{
    private const int None = -1000;

    /// <summary>The code that stands for an exception of a kind above 0, as the guard numbers them.</summary>
    public static OrthancErrorCode ToCode(int kind) => (OrthancErrorCode)(None - kind);

    /// <summary>The kind of exception that a code stands for, or 0.</summary>
    public static int KindOf(OrthancErrorCode code) => (int)code < None ? None - (int)code : 0;
}
