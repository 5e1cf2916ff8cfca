namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>The numbers of the services that we call, with the version of Orthanc that brought those younger than 1.10.0.</summary>
internal enum OrthancService
{
    LogInfo = 1,
    LogWarning = 2,
    LogError = 3,
    GetOrthancPath = 4,
    GetConfigurationPath = 6,
    SetPluginProperty = 7,
    GetConfiguration = 13,
    ComputeMd5 = 24,
    ComputeSha1 = 25,
    SetMetricsValue = 31,
    CreateMemoryBuffer = 38,

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

    RestApiGet = 3001,
    RestApiGetAfterPlugins = 3010,
    RestApiGet2 = 3015,
    CallRestApi = 3016,

    CreateJob = 9000,
    FreeJob = 9001,
    SubmitJob = 9002,
    RegisterJobsUnserializer = 9003,

    /// <summary>Since 1.11.3.</summary>
    CreateJob2 = 9004,
}
