using System.Buffers;
using System.Collections.Concurrent;
using ZstdSharp;

namespace OrthancCachePlugin.Core.Compression;

/// <summary>zstd in managed code, the same on every platform.</summary>
public sealed class ZstdCompressor : ICompressor
{
    private const int LevelOfLarge = 3; // zstd's default: 5.7 MB of tags become 48 KB

    /// <summary>Without Huffman tables: 8 KB of tags become 1,684 bytes instead of 1,422, and are decoded in less than half the time.</summary>
    private const int LevelOfSmall = -1;

    private const int LargestSmall = 32 * 1024;

    private const int MaximumPooled = 16;

    private readonly ConcurrentQueue<Compressor> _compressors = new();
    private readonly ConcurrentQueue<Decompressor> _decompressors = new();

    public void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        var target = destination.GetSpan(Compressor.GetCompressBound(source.Length));
        var compressor = _compressors.TryDequeue(out var pooled) ? pooled : new Compressor();
        try
        {
            compressor.Level = source.Length <= LargestSmall ? LevelOfSmall : LevelOfLarge;
            destination.Advance(compressor.Wrap(source, target));
        }
        finally
        {
            Return(_compressors, compressor);
        }
    }

    public bool TryDecompress(ReadOnlySpan<byte> frame, Span<byte> destination)
    {
        var decompressor = _decompressors.TryDequeue(out var pooled) ? pooled : new Decompressor();
        try
        {
            return decompressor.TryUnwrap(frame, destination, out var written) && written == destination.Length;
        }
        catch (ZstdException)
        {
            return false;
        }
        finally
        {
            Return(_decompressors, decompressor);
        }
    }

    private static void Return<T>(ConcurrentQueue<T> pool, T context)
        where T : IDisposable
    {
        if (pool.Count < MaximumPooled)
        {
            pool.Enqueue(context);
        }
        else
        {
            context.Dispose();
        }
    }
}

/// <summary>One zstd frame per body (RFC 8878). Thread-safe.</summary>
public interface ICompressor
{
    /// <summary>Appends a frame that states its content size.</summary>
    void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination);

    /// <summary>The destination has exactly the size of the body. False where the frame is damaged or the size differs.</summary>
    bool TryDecompress(ReadOnlySpan<byte> frame, Span<byte> destination);
}
