using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Tests.Model;

/// <summary>A mutating request between filter and response.</summary>
internal sealed class RunningRequest
{
    public required int Thread { get; init; }

    public required MutationScope Scope { get; init; }

    /// <summary>What a DELETE names.</summary>
    public Resource? Deleted { get; init; }

    /// <summary>Whether it sets what shapes responses.</summary>
    public bool Sets { get; init; }

    /// <summary>Its transaction; null where it changes nothing.</summary>
    public required Func<Commit?> Apply { get; init; }

    /// <summary>The instance that it uploads.</summary>
    public Resource? Uploaded { get; init; }

    public bool IsCommitted { get; set; }

    public Commit? Commit { get; set; }

    /// <summary>When it began, in ticks of the monotonic clock.</summary>
    public required long Since { get; init; }
}
