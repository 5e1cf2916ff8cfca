using System.Buffers;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Collects an encoded value behind room for its header, in one borrowed buffer that grows up to a limit.</summary>
/// <remarks>For one thread.</remarks>
internal sealed class RecordBuffer(BufferPool pool, int maximumSize) : IBufferWriter<byte>, IDisposable
{
    private byte[] buffer = pool.Rent(64 * 1024);
    private int length = RecordCodec.HeaderSize;

    /// <summary>Bytes of the payload so far.</summary>
    public int PayloadSize => length - RecordCodec.HeaderSize;

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, buffer.Length - length);
        length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return buffer.AsMemory(length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return buffer.AsSpan(length);
    }

    /// <summary>Fills in the header.</summary>
    /// <returns>Header and payload, valid until the next use of this buffer.</returns>
    public ReadOnlySpan<byte> Finish(ReadOnlySpan<byte> key, long createdAt)
    {
        RecordCodec.WriteHeader(buffer.AsSpan(0, length), key, createdAt);
        return buffer.AsSpan(0, length);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        var old = Interlocked.Exchange(ref buffer, []);
        if (old.Length != 0)
        {
            pool.Return(old);
        }
    }

    private void Grow(int sizeHint)
    {
        var needed = (long)length + Math.Max(sizeHint, 1);
        if (needed <= buffer.Length)
        {
            return;
        }

        // Room for one more byte than may be kept, so that a writer that asks for a little too much in advance is not turned away.
        if (length - RecordCodec.HeaderSize > maximumSize || needed > Array.MaxLength / 2)
        {
            throw new InvalidOperationException("The value is larger than the store keeps.");
        }

        var larger = pool.Rent((int)Math.Max(needed, Math.Min((long)buffer.Length * 2, Array.MaxLength / 2)));
        buffer.AsSpan(0, length).CopyTo(larger);
        pool.Return(buffer);
        buffer = larger;
    }
}
