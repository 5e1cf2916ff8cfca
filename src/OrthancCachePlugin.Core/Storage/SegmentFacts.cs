namespace OrthancCachePlugin.Core.Storage;

/// <summary>Facts about one segment; times are creation times in Unix milliseconds.</summary>
internal readonly record struct SegmentFacts(long Records, long Oldest, long Newest);
