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

    /// <summary>When the response was computed (Unix time in milliseconds): the start of its seven days.</summary>
    public abstract long CreatedAt { get; }

    /// <summary>
    /// The position in the store's log of removals before the content was read or computed: where its key was removed since, it is not
    /// written.
    /// </summary>
    public abstract long Since { get; }

    /// <summary>Bytes of memory that it holds while it waits; what the queue's bound counts.</summary>
    public abstract int SizeInMemory { get; }

    /// <summary>
    /// Writes the value; called once, on a writer's thread, or by who has the entry admitted where it may be larger than the store keeps.
    /// May throw; then the entry is dropped.
    /// </summary>
    /// <param name="destination">
    /// Has room for the largest value that the store keeps and no more: asked for more at once, it gives what is left, and nobody may rely on
    /// the size that was asked for.
    /// </param>
    public abstract void Encode(IBufferWriter<byte> destination);

    /// <summary>Bytes of the queue that it takes.</summary>
    internal long Reserved { get; set; }

    /// <summary>What it was encoded to before it was enqueued; null where that is left to the writer.</summary>
    internal RecordBuffer? Encoded { get; set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Encoded?.Dispose();
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory back, where that was not done before.</summary>
    protected abstract void Dispose(bool disposing);
}
