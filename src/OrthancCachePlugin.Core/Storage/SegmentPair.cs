namespace OrthancCachePlugin.Core.Storage;

/// <summary>A segment's two open files.</summary>
internal sealed class SegmentPair(IDiskFile data, IDiskFile sidecar) : IDisposable
{
    private volatile bool dirty;

    public IDiskFile Data { get; } = data;

    public IDiskFile Sidecar { get; } = sidecar;

    /// <summary>Whether something was written since the last flush.</summary>
    public bool Dirty
    {
        get => dirty;
        set => dirty = value;
    }

    public void Flush()
    {
        Data.Flush();
        Sidecar.Flush();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Data.Dispose();
        Sidecar.Dispose();
    }
}
