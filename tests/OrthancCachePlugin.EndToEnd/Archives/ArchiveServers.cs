namespace OrthancCachePlugin.EndToEnd.Archives;

/// <summary>All sample files, with the option's default: streamed where the server can, Orthanc's own where it cannot.</summary>
public sealed class ArchiveServers : TwoServers
{
    public ArchiveServers()
        : base(s => s.Cache.Remove("Archives"))
    {
        Settle();
    }

    /// <summary>Whether ours makes the archives.</summary>
    public bool IsStreaming => Ours.IsAtLeast(1, 12, 6);
}
