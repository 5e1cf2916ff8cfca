namespace OrthancCachePlugin.Core.Storage;

/// <summary>Sizes that keep an entry inside one page of the log.</summary>
public static class EntryLimits
{
    /// <summary>Bytes of the longest key; a longer one is simply not kept.</summary>
    public const int MaximumKeySize = 1024;

    /// <summary>Bytes of the largest encoded value; a larger one is simply not kept.</summary>
    public const int MaximumValueSize = 8 * 1024 * 1024;
}
