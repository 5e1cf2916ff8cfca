namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>How much a line of the log matters.</summary>
public enum OrthancLogLevel
{
    Error = 0,

    Warning = 1,

    /// <summary>Seen with <c>--verbose</c> only.</summary>
    Info = 2,
}
