using System.Buffers;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>The gzip variant of a stored response, made once on a writer's thread for the clients that take gzip and not zstd.</summary>
internal sealed class PendingGzip(byte[] key, SharedBuffer value, long createdAt, long since, ICompressor compressor, Action whenDone) : PendingEntry
{
    public override ReadOnlySpan<byte> Key => key;

    public override long CreatedAt => createdAt;

    public override long Since => since;

    public override int SizeInMemory { get; } = value.Span.Length;

    public override void Encode(IBufferWriter<byte> destination)
    {
        if (!StoredResponse.TryRead(value.Span, out var stored))
        {
            throw new InvalidDataException("Not a stored response.");
        }

        using var body = new SharedBuffer(stored.DecodedSize);
        if (!compressor.TryDecompress(stored.Body, body.Span))
        {
            throw new InvalidDataException("Not a zstd frame.");
        }

        stored.CopyHead(ContentCoding.Gzip, destination.GetSpan(stored.Head.Length));
        destination.Advance(stored.Head.Length);
        Gzip.Compress(body.Span, destination);
    }

    protected override void Dispose(bool disposing)
    {
        value.Dispose();
        whenDone();
    }
}
