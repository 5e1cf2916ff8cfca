namespace OrthancCachePlugin.Core.Storage;

/// <summary>What a file system says about itself, in bytes.</summary>
internal readonly record struct DiskSpace(long Free, long Total);
