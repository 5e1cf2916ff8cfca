namespace OrthancCachePlugin.Core.Storage;

/// <summary>How a look into the log ended.</summary>
internal enum ReadOutcome
{
    Miss,
    Hit,

    /// <summary>There was something, but not what was written.</summary>
    Damaged,

    /// <summary>The disk did not answer in time, or the log threw: it cannot be trusted any more.</summary>
    Failed,
}
