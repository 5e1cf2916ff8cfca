namespace OrthancCachePlugin.Core.Storage;

/// <summary>Whether the store takes part at all.</summary>
public enum StoreState
{
    /// <summary>Reads what an earlier process left; answers misses meanwhile.</summary>
    Recovering,

    /// <summary>Reads and writes.</summary>
    Working,

    /// <summary>Answers misses; <see cref="StoreStatus.Reason"/> says why. It tries again by itself.</summary>
    Disabled,
}
