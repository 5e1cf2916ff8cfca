namespace OrthancCachePlugin.Bindings.Interop;

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
