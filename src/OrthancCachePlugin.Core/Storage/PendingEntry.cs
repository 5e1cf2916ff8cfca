using System.Buffers;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// An entry on its way to disk. Encoding (compression above all) is deferred to the writer's thread, so that the thread that answers
/// HTTP pays for nothing but the copy of the body.
/// </summary>
public abstract class PendingEntry : IDisposable
{
    /// <summary>The whole key.</summary>
    public abstract ReadOnlySpan<byte> Key { get; }

    /// <summary>When the answer was computed (Unix time in milliseconds): the start of its seven days.</summary>
    public abstract long CreatedAt { get; }

    /// <summary>
    /// The position in the store's log of removals before the content was read or computed: where its key was removed since, it is not
    /// written.
    /// </summary>
    public abstract long Since { get; }

    /// <summary>Bytes of memory that it holds while it waits; what the queue's bound counts.</summary>
    public abstract int HeldBytes { get; }

    /// <summary>Writes the value; called once, on a writer's thread. May throw; then the entry is dropped.</summary>
    public abstract void Encode(IBufferWriter<byte> destination);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory back.</summary>
    protected abstract void Dispose(bool disposing);
}
