namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>
/// The error codes of the SDK that we return or tell apart. Any other value may arrive from Orthanc: compare, never switch without a
/// default.
/// </summary>
public enum OrthancErrorCode
{
    /// <summary>Something that should not happen; a REST callback that returns it is answered with status 500.</summary>
    InternalError = -1,

    /// <summary>All is well.</summary>
    Success = 0,

    /// <summary>A plugin misbehaved.</summary>
    Plugin = 1,

    /// <summary>This server, or this version of it, does not offer that.</summary>
    NotImplemented = 2,

    ParameterOutOfRange = 3,

    /// <summary>No memory; also for bodies above what 32 bits can count.</summary>
    NotEnoughMemory = 4,

    BadParameterType = 5,

    /// <summary>Called while the server is starting or stopping.</summary>
    BadSequenceOfCalls = 6,

    InexistentItem = 7,
    BadRequest = 8,
    NetworkProtocol = 9,
    Database = 11,
    UriSyntax = 12,
    InexistentFile = 13,
    CannotWriteFile = 14,
    BadFileFormat = 15,
    Timeout = 16,

    /// <summary>Status 404; the one error of an internal call that Orthanc does not log.</summary>
    UnknownResource = 17,

    FullStorage = 19,
    CorruptedFile = 20,
    ReadOnly = 22,
    SharedLibrary = 25,
    UnknownPluginService = 26,
    BadJson = 28,
    Unauthorized = 29,
    NotAcceptable = 34,
    NullPointer = 35,
    DatabaseUnavailable = 36,
    CanceledJob = 37,
}
