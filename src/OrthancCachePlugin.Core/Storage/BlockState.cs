namespace OrthancCachePlugin.Core.Storage;

/// <summary>What the checksums of a block say of it.</summary>
internal enum BlockState
{
    /// <summary>It is as last written.</summary>
    Current,

    /// <summary>It is as it was before the last write, which a killed process did not finish: what follows it is void.</summary>
    Earlier,

    /// <summary>It is neither.</summary>
    Damaged,
}
