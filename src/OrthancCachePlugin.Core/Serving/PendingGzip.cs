using System.Buffers;
using System.Runtime.InteropServices;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>The gzip variant of a stored response, made once on a writer's thread for the clients that take gzip and not zstd.</summary>
/// <param name="key">Of the variant.</param>
/// <param name="value">The response as it is stored.</param>
/// <param name="createdAt">Unix milliseconds, of the response.</param>
/// <param name="since">The position in the log of removals before the response was read.</param>
/// <param name="compressor">Decodes it.</param>
/// <param name="whenDone">Called once, whatever comes of it.</param>
internal sealed unsafe class PendingGzip(byte[] key, byte[] value, long createdAt, long since, ICompressor compressor, Action whenDone) : PendingEntry
{
    public override ReadOnlySpan<byte> Key => key;

    public override long CreatedAt => createdAt;

    public override long Since => since;

    public override int SizeInMemory => value.Length;

    public override void Encode(IBufferWriter<byte> destination)
    {
        if (!StoredResponse.TryRead(value, out var stored))
        {
            throw new InvalidDataException("Not a stored response.");
        }

        // Native memory, given back at once: one writer has one body at a time, and a pool would keep the largest.
        var decoded = (byte*)NativeMemory.Alloc((nuint)stored.DecodedSize);
        try
        {
            var body = new Span<byte>(decoded, stored.DecodedSize);
            if (!compressor.TryDecompress(stored.Body, body))
            {
                throw new InvalidDataException("Not a zstd frame.");
            }

            stored.CopyHead(ContentCoding.Gzip, destination.GetSpan(stored.Head.Length));
            destination.Advance(stored.Head.Length);
            Gzip.Compress(body, destination);
        }
        finally
        {
            NativeMemory.Free(decoded);
        }
    }

    protected override void Dispose(bool disposing) => whenDone();
}
