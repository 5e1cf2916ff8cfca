using System.Buffers;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Benchmarks;

/// <summary>An entry of so many bytes.</summary>
internal sealed class BytesEntry(byte[] key, int size) : PendingEntry
{
    public override ReadOnlySpan<byte> Key => key;

    public override long CreatedAt { get; } = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    public override long Since => long.MaxValue; // read nowhere

    public override int SizeInMemory => size;

    public override void Encode(IBufferWriter<byte> destination) => destination.Write(new byte[size]);

    protected override void Dispose(bool disposing)
    {
    }
}
