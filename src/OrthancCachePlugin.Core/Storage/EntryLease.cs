namespace OrthancCachePlugin.Core.Storage;

/// <summary>A copy of one entry's value in a borrowed buffer. Dispose gives the buffer back; the value must not be used after that.</summary>
public abstract class EntryLease : IDisposable
{
    /// <summary>When the entry was created (Unix time in milliseconds), whatever eviction copied meanwhile.</summary>
    public abstract long CreatedAt { get; }

    /// <summary>The bytes that were written, verified.</summary>
    public abstract ReadOnlySpan<byte> Value { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the buffer back.</summary>
    protected abstract void Dispose(bool disposing);
}
