using System.Buffers;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>An entry whose value is an array. Counts how many are alive.</summary>
internal sealed class MemoryEntry(byte[] key, byte[] value, long createdAt) : PendingEntry
{
    private static int alive;
    private int disposed;

    public Action? OnEncode { get; init; }

    public static int Alive => Volatile.Read(ref alive);

    public override ReadOnlySpan<byte> Key => key;

    public override long CreatedAt => createdAt;

    public override int HeldBytes => value.Length + key.Length;

    public bool IsDisposed => Volatile.Read(ref disposed) != 0;

    public static MemoryEntry Create(byte[] key, byte[] value, long createdAt)
    {
        Interlocked.Increment(ref alive);
        return new MemoryEntry(key, value, createdAt);
    }

    public override void Encode(IBufferWriter<byte> destination)
    {
        OnEncode?.Invoke();
        destination.Write(value);
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            Interlocked.Decrement(ref alive);
        }
    }
}
