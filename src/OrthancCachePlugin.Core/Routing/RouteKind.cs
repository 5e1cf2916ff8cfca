namespace OrthancCachePlugin.Core.Routing;

/// <summary>What a response depends on, and so how long it is good.</summary>
public enum RouteKind : byte
{
    /// <summary>The DICOM file of one instance: good until the instance is overwritten.</summary>
    Content,

    /// <summary>The DICOM files of all children: good until a child comes, goes or is overwritten.</summary>
    Derived,

    /// <summary>Attachments and metadata: good until anything at all is changed, for no version tells.</summary>
    Volatile,
}
