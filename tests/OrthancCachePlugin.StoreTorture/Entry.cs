using System.Buffers;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>An entry whose value is an array.</summary>
internal sealed class Entry(byte[] key, byte[] value, DateTimeOffset? createdAt = null) : PendingEntry
{
    public override ReadOnlySpan<byte> Key => key;

    public override long CreatedAt { get; } = (createdAt ?? TimeProvider.System.GetUtcNow()).ToUnixTimeMilliseconds();

    public override long Since => long.MaxValue; // read nowhere

    public override int SizeInMemory => value.Length;

    public override void Encode(IBufferWriter<byte> destination) => destination.Write(value);

    protected override void Dispose(bool disposing)
    {
    }
}
