namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Why Orthanc stops a job.</summary>
public enum OrthancJobStopReason
{
    Success = 1,
    Paused = 2,
    Failure = 3,
    Canceled = 4,
}
