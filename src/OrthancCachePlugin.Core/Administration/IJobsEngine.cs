using OrthancCachePlugin.Core.WarmUp.Jobs;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>The host's jobs engine. Thread-safe.</summary>
public interface IJobsEngine
{
    /// <summary>Gives it a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="priority">Higher runs earlier; 0 is usual.</param>
    /// <returns>The job's identifier, or null where the engine did not take it.</returns>
    string? Submit(WarmUpJob job, int priority);

    /// <summary>The job's state as the host names it, as <c>Running</c>; empty where it does not know it (any more).</summary>
    string StateOf(string id);
}
