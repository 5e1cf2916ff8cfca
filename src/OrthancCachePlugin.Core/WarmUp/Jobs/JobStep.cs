namespace OrthancCachePlugin.Core.WarmUp.Jobs;

/// <summary>What a step of a job says to the jobs engine.</summary>
public enum JobStep
{
    /// <summary>There is more to do.</summary>
    Continue,

    /// <summary>All is done.</summary>
    Success,

    /// <summary>It cannot be done; the content says why.</summary>
    Failure,
}
