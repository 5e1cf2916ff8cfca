namespace OrthancCachePlugin.Core.Freshness;

/// <summary>What a request or an event may have changed.</summary>
public enum MutationScope
{
    /// <summary>Nothing that we answer.</summary>
    None,

    /// <summary>Attachments of users, metadata, labels: only volatile routes depend on them.</summary>
    Annotations,

    /// <summary>DICOM content: everything depends on it.</summary>
    Content,
}
