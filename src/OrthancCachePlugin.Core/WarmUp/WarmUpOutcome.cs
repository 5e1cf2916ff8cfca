using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>What came of warming one route of one resource.</summary>
public enum WarmUpOutcome
{
    /// <summary>Too young, or something is changing: a response computed now would not be stored. Worth another try.</summary>
    Unsettled,

    Cached,

    Stored,

    Deleted,

    /// <summary>An error of the origin, or a response not known to be complete: a file may be away for a while. Worth another try.</summary>
    Failed,

    NotCached, // the origin answered, but the response is not stored and will never be: too large, say

    Busy, // the store had no room in its queue, or did not work. Worth another try.
}

internal static class WarmUpOutcomes
{
    public static WarmUpOutcome Of(in CacheOutcome outcome) => outcome switch
    {
        { Result: CacheResult.Forwarded } => WarmUpOutcome.Deleted,
        { Result: CacheResult.Hit } => WarmUpOutcome.Cached,
        { IsStored: true } => WarmUpOutcome.Stored,
        { Detail: CacheDetail.Unsettled } => WarmUpOutcome.Unsettled,
        { Detail: CacheDetail.Incomplete or CacheDetail.OriginError or CacheDetail.Failure } => WarmUpOutcome.Failed,
        { Detail: CacheDetail.Busy or CacheDetail.NoStore } => WarmUpOutcome.Busy,
        _ => WarmUpOutcome.NotCached,
    };
}
