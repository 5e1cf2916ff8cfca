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

    /// <summary>Since 1.12.1.</summary>
    SetMetricsIntegerValue = 43,

    /// <summary>Since 1.12.2; the parameters are the text itself.</summary>
    SetCurrentThreadName = 44,

    /// <summary>Since 1.12.4.</summary>
    LogMessage = 45,

    /// <summary>Since 1.13.0; without parameters.</summary>
    ClearCurrentThreadName = 64,

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

    /// <summary>Since 1.12.6.</summary>
    StartStreamAnswer = 2014,

    /// <summary>Since 1.12.6.</summary>
    SendStreamChunk = 2015,

    CallRestApi = 3016,

    CreateJob = 9000,
    FreeJob = 9001,
    SubmitJob = 9002,
    RegisterJobsUnserializer = 9003,
}

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

/// <summary>What a change event reports. Later servers may send numbers that are not listed here.</summary>
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

/// <summary>What a job's step function answers.</summary>
public enum OrthancJobStepStatus
{
    /// <summary>The job is done.</summary>
    Success = 1,

    /// <summary>The job has failed.</summary>
    Failure = 2,

    /// <summary>Call the step function again.</summary>
    Continue = 3,
}

/// <summary>Why Orthanc stops a job.</summary>
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

/// <summary>How much a line of the log matters.</summary>
public enum OrthancLogLevel
{
    Error = 0,

    Warning = 1,

    /// <summary>Seen with <c>--verbose</c> only.</summary>
    Info = 2,
}

/// <summary>How Orthanc keeps a metric between two scrapes.</summary>
public enum OrthancMetricsType
{
    /// <summary>The last value set.</summary>
    Default = 0,

    /// <summary>A duration: the longest of the last seconds.</summary>
    Timer = 1,
}

/// <summary>What a plugin can tell about itself.</summary>
internal enum OrthancPluginProperty
{
    Description = 1,
    RootUri = 2,
    OrthancExplorer = 3,
}

/// <summary>The level of the resource that a change event speaks of.</summary>
public enum OrthancResourceType
{
    Patient = 0,
    Study = 1,
    Series = 2,
    Instance = 3,

    /// <summary>The event is about the server or a job, not about a resource.</summary>
    None = 4,
}
