using System.Buffers;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Collects an encoded value behind room for its header, in one borrowed buffer that grows up to a limit.</summary>
/// <remarks>
/// Whoever asks for more than is left below the limit gets what is left: a compressor that wants room for its worst case, which is more than
/// the body itself, need not have it as long as what it makes fits, and fails where it does not. For one thread.
/// </remarks>
internal sealed class RecordBuffer(BufferPool pool, int maximumSize) : IBufferWriter<byte>, IDisposable
{
    private readonly int limit = RecordCodec.HeaderSize + maximumSize;
    private byte[] buffer = pool.Rent(Math.Min(64 * 1024, RecordCodec.HeaderSize + maximumSize));
    private int length = RecordCodec.HeaderSize;

    /// <summary>Bytes of the payload so far.</summary>
    public int PayloadSize => length - RecordCodec.HeaderSize;

    /// <summary>Whether somebody asked for more than was left below the limit.</summary>
    public bool WasShort { get; private set; }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity - length);
        length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Grow(sizeHint);
        return buffer.AsMemory(length, Capacity - length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return buffer.AsSpan(length, Capacity - length);
    }

    /// <summary>Moves what was written to a buffer of its size, since it will wait there.</summary>
    public void Trim()
    {
        var smaller = pool.Rent(length);
        if (smaller.Length >= buffer.Length)
        {
            pool.Return(smaller);
            return;
        }

        Replace(smaller);
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

    private int Capacity => Math.Min(buffer.Length, limit);

    private void Grow(int sizeHint)
    {
        var needed = (long)length + Math.Max(sizeHint, 1);
        if (needed > limit)
        {
            WasShort = true;
            needed = limit;
            if (length == limit)
            {
                throw new InvalidOperationException("The value is larger than the store keeps.");
            }
        }

        if (needed > buffer.Length)
        {
            Replace(pool.Rent((int)Math.Max(needed, Math.Min((long)buffer.Length * 2, limit))));
        }
    }

    private void Replace(byte[] other)
    {
        buffer.AsSpan(0, length).CopyTo(other);
        pool.Return(buffer);
        buffer = other;
    }
}
