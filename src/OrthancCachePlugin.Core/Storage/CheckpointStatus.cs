namespace OrthancCachePlugin.Core.Storage;

/// <summary>What was found in the place of a checkpoint.</summary>
internal enum CheckpointStatus
{
    /// <summary>It can be recovered from.</summary>
    Valid,

    /// <summary>There is none.</summary>
    Missing,

    /// <summary>It is not what was written.</summary>
    Damaged,

    /// <summary>It is whole, but of another format or of a log with other sizes.</summary>
    OtherSettings,
}
