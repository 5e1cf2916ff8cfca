namespace OrthancCachePlugin.Core.Freshness;

/// <summary>What the version of Orthanc and the size of the tables mean for validation.</summary>
public sealed record VersionSettings
{
    /// <summary>True from Orthanc 1.12.1 on: deleting a child moves <c>LastUpdate</c> of those above it.</summary>
    public required bool LastUpdateMovesOnDelete { get; init; }

    /// <summary>Resources whose last validation is remembered; about 200 bytes each.</summary>
    public int RememberedResources { get; init; } = 1 << 16;

    /// <summary>Identifiers of children that are remembered over all resources; 4 bytes each.</summary>
    public int RememberedChildren { get; init; } = 1 << 21;

    /// <summary>Children of one resource that are remembered; a larger one is validated deeply after each deletion.</summary>
    public int ChildrenPerResource { get; init; } = 1 << 16;
}
