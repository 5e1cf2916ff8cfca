using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Core.Tags;

/// <summary>
/// Native memory for texts of tags, within one budget for all requests. Some of what was given back is kept for the next: a fresh buffer of
/// 36 MB costs 176 ms, one that was used before 3. Thread-safe.
/// </summary>
/// <param name="maximum">Bytes in use and kept, together.</param>
internal sealed class TagBuffers(long maximum)
{
    /// <summary>Bytes that are kept for the next.</summary>
    private const long MaximumIdle = 64 << 20;

    private const long Step = 64 << 10;

    private readonly Lock _lock = new();
    private readonly List<TagBuffer> _idle = [];
    private long _used;
    private long _idleBytes;

    public long Used => Interlocked.Read(ref _used);

    /// <summary>The caller holds the first reference. Null where it would go beyond the budget, or there is no memory.</summary>
    public TagBuffer? TryRent(long size)
    {
        if (size > maximum || size > int.MaxValue)
        {
            return null;
        }

        var capacity = (Math.Max(size, 1) + Step - 1) / Step * Step;
        lock (_lock)
        {
            var index = _idle.FindIndex(b => b.Capacity >= capacity && b.Capacity <= 2 * capacity);
            if (index >= 0)
            {
                var found = _idle[index];
                _idle.RemoveAt(index);
                _idleBytes -= found.Capacity;
                found.Begin((int)size);
                return found;
            }

            while (_used + capacity > maximum && _idle.Count > 0)
            {
                Free(0);
            }

            if (_used + capacity > maximum)
            {
                return null;
            }

            _used += capacity;
        }

        try
        {
            var buffer = new TagBuffer(this, capacity);
            buffer.Begin((int)size);
            return buffer;
        }
        catch (OutOfMemoryException)
        {
            Interlocked.Add(ref _used, -capacity);
            return null;
        }
    }

    /// <summary>Gives the system what nobody has used for a while.</summary>
    public void Trim()
    {
        lock (_lock)
        {
            while (_idle.Count > 0)
            {
                Free(0);
            }
        }
    }

    internal void Return(TagBuffer buffer)
    {
        lock (_lock)
        {
            _idle.Add(buffer);
            _idleBytes += buffer.Capacity;
            while (_idleBytes > MaximumIdle)
            {
                Free(0);
            }
        }
    }

    private void Free(int index)
    {
        var buffer = _idle[index];
        _idle.RemoveAt(index);
        _idleBytes -= buffer.Capacity;
        _used -= buffer.Capacity;
        buffer.Free();
    }
}

/// <summary>Native memory with counted references; the last one gives it back.</summary>
internal sealed unsafe class TagBuffer(TagBuffers owner, long capacity) : IDisposable
{
    private readonly byte* _memory = (byte*)NativeMemory.Alloc((nuint)capacity);
    private int _references;
    private int _length;

    public long Capacity => capacity;

    public Span<byte> Span => Volatile.Read(ref _references) > 0 ? new Span<byte>(_memory, _length) : throw new ObjectDisposedException(nameof(TagBuffer));

    public TagBuffer AddReference()
    {
        ObjectDisposedException.ThrowIf(Interlocked.Increment(ref _references) <= 1, this);
        return this;
    }

    public void Dispose()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            owner.Return(this);
        }
    }

    internal void Begin(int length)
    {
        _length = length;
        Volatile.Write(ref _references, 1);
    }

    internal void Free() => NativeMemory.Free(_memory);
}
