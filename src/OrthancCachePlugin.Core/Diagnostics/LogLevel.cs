namespace OrthancCachePlugin.Core.Diagnostics;

/// <summary>The three levels that Orthanc's plugin SDK has.</summary>
public enum LogLevel
{
    /// <summary>Seen with <c>--verbose</c> only.</summary>
    Info,

    /// <summary>Seen by default: start-up lines and what needs an eye.</summary>
    Warning,

    /// <summary>Something does not work and somebody must act.</summary>
    Error,
}
