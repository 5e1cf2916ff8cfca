namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>What came of warming one route of one resource.</summary>
public enum WarmUpOutcome
{
    /// <summary>Too young, or something is changing: a response computed now would not be kept. Worth another try.</summary>
    Unsettled,

    /// <summary>It was held already.</summary>
    Held,

    /// <summary>The origin was asked and the response goes to the store.</summary>
    Stored,

    /// <summary>The origin has no such resource.</summary>
    Gone,

    /// <summary>
    /// The origin has the resource, but refuses to answer, or its response is not known to be complete: a file may be away for a while. Worth
    /// another try.
    /// </summary>
    Failed,

    /// <summary>The origin answered, but the response is not kept: too large, or changed meanwhile.</summary>
    NotKept,

    /// <summary>
    /// The origin answered, but of a volatile route too many others came in the same second for it to have a date of its own, without which
    /// it is not kept. Worth another try a second later.
    /// </summary>
    Undated,
}
