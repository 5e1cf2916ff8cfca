namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>The numbers of the services that we call, with the version of Orthanc that brought those younger than 1.10.0.</summary>
internal enum OrthancService
{
    LogInfo = 1,
    LogWarning = 2,
    LogError = 3,
    GetConfigurationPath = 6,
    SetPluginProperty = 7,
    GetConfiguration = 13,
    SetMetricsValue = 31,

    SetMetricsIntegerValue = 43, // since 1.12.1

    SetCurrentThreadName = 44, // since 1.12.2; the parameters are the text itself

    LogMessage = 45, // since 1.12.4

    ClearCurrentThreadName = 64, // since 1.13.0; without parameters

    RegisterOnStoredInstanceCallback = 1001,
    RegisterOnChangeCallback = 1003,
    RegisterRestCallbackNoLock = 1004,
    RegisterIncomingHttpRequestFilter2 = 1010,
    RegisterRefreshMetricsCallback = 1011,

    AnswerBuffer = 2000,
    Redirect = 2002,
    SendHttpStatusCode = 2003,
    SendMethodNotAllowed = 2005,
    SetHttpHeader = 2007,
    SendHttpStatus = 2010,
    SetHttpErrorDetails = 2013,

    StartStreamAnswer = 2014, // since 1.12.6

    SendStreamChunk = 2015, // since 1.12.6

    CallRestApi = 3016,

    CreateJob = 9000,
    FreeJob = 9001,
    SubmitJob = 9002,
    RegisterJobsUnserializer = 9003,
}

/// <summary>The error codes of the SDK that we return or tell apart. Any other value may arrive from Orthanc: compare, never switch without a
/// default.</summary>
public enum OrthancErrorCode
{
    /// <summary>Something that should not happen; a REST callback that returns it is answered with status 500.</summary>
    InternalError = -1,

    Success = 0,

    Plugin = 1,

    NotImplemented = 2,

    ParameterOutOfRange = 3,

    NotEnoughMemory = 4, // no memory; also for bodies above what 32 bits can count

    BadParameterType = 5,

    BadSequenceOfCalls = 6, // called while the server is starting or stopping

    InexistentItem = 7,
    BadRequest = 8,
    NetworkProtocol = 9,
    Database = 11,
    UriSyntax = 12,
    InexistentFile = 13,
    CannotWriteFile = 14,
    BadFileFormat = 15,
    Timeout = 16,

    UnknownResource = 17, // status 404; the one error of an internal call that Orthanc does not log

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

public enum OrthancChangeType
{
    CompletedSeries = 0,
    Deleted = 1,
    NewChildInstance = 2,
    NewInstance = 3,
    NewPatient = 4,
    NewSeries = 5,
    NewStudy = 6,
    StablePatient = 7,
    StableSeries = 8,
    StableStudy = 9,
    OrthancStarted = 10,
    OrthancStopped = 11,
    UpdatedAttachment = 12,
    UpdatedMetadata = 13,
    UpdatedPeers = 14,
    UpdatedModalities = 15,
    JobSubmitted = 16,
    JobSuccess = 17,
    JobFailure = 18,
}

/// <summary>The methods that reach a plugin. HEAD and OPTIONS never do.</summary>
public enum OrthancHttpMethod
{
    Get = 1,
    Post = 2,
    Put = 3,
    Delete = 4,
}

public enum OrthancJobStepStatus
{
    Success = 1,

    Failure = 2,

    Continue = 3,
}

public enum OrthancJobStopReason
{
    Success = 1,
    Paused = 2,
    Failure = 3,
    Canceled = 4,
}

/// <summary>What a line of the log is about; plugins may not use those that are missing here.</summary>
public enum OrthancLogCategory
{
    Generic = 1,
}

public enum OrthancLogLevel
{
    Error = 0,

    Warning = 1,

    Info = 2,
}

public enum OrthancMetricsType
{
    Default = 0,

    Timer = 1,
}

internal enum OrthancPluginProperty
{
    Description = 1,
    RootUri = 2,
    OrthancExplorer = 3,
}

public enum OrthancResourceType
{
    Patient = 0,
    Study = 1,
    Series = 2,
    Instance = 3,

    None = 4, // the event is about the server or a job, not about a resource
}
