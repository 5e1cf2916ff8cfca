using System.Buffers;
using OrthancCachePlugin.Core.Serving;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>An entry whose value is an array, and that knows whether it was given back.</summary>
internal sealed class MemoryEntry(byte[] key, byte[] value, long createdAt) : PendingEntry
{
    private int disposed;

    public Action? OnEncode { get; init; }

    public Action? OnDispose { get; init; }

    public override ReadOnlySpan<byte> Key => key;

    public override long CreatedAt => createdAt;

    /// <summary>Unless a test says otherwise, after every removal.</summary>
    public override long Since => SinceRemoval ?? long.MaxValue;

    public long? SinceRemoval { get; init; }

    public override int SizeInMemory => value.Length + key.Length;

    public bool IsDisposed => Volatile.Read(ref disposed) != 0;

    public override void Encode(IBufferWriter<byte> destination)
    {
        OnEncode?.Invoke();
        destination.Write(value);
    }

    protected override void Dispose(bool disposing)
    {
        Interlocked.Exchange(ref disposed, 1);
        OnDispose?.Invoke();
    }
}
