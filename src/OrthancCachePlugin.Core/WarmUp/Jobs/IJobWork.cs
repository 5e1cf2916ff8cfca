using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp.Jobs;

/// <summary>What a job goes through, one resource with all below it after the other. Used by one thread; the counts by any.</summary>
internal interface IJobWork
{
    /// <summary>Resources that are done.</summary>
    int Done { get; }

    /// <summary>Resources in all, as far as is known.</summary>
    int Total { get; }

    /// <summary>True where it goes slowly and waits for nothing; false where somebody named what they want soon, young as it may be.</summary>
    bool IsThrottled { get; }

    /// <summary>Prepares for about a tenth of a second.</summary>
    /// <returns>True once <see cref="Next"/> can be asked.</returns>
    bool Prepare();

    /// <summary>The resource whose turn it is with all below it, the smallest first; null at the end.</summary>
    IReadOnlyList<Resource>? Next();

    /// <summary>The resource whose turn it was is done.</summary>
    void Advance();

    /// <summary>Back to the beginning.</summary>
    void Reset();

    /// <summary>Writes what is needed to go on after a restart, as members of an object.</summary>
    void Save(System.Text.Json.Utf8JsonWriter writer);
}
