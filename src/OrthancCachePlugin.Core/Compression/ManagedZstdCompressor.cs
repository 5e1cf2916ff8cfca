#if ZSTD_SHARP
using System.Buffers;
using System.Collections.Concurrent;
using ZstdSharp;

namespace OrthancCachePlugin.Core.Compression;

/// <summary>zstd in managed code, where no static libzstd is at hand: on Windows. Its frames are those of the reference implementation.</summary>
public sealed class ManagedZstdCompressor : ICompressor
{
    private const int Kept = 16;

    private readonly ConcurrentQueue<Compressor> _compressors = new();
    private readonly ConcurrentQueue<Decompressor> _decompressors = new();

    /// <inheritdoc/>
    /// <exception cref="ZstdException">zstd reported an error.</exception>
    public void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        var target = destination.GetSpan(Compressor.GetCompressBound(source.Length));
        var compressor = _compressors.TryDequeue(out var kept) ? kept : new Compressor();
        compressor.Level = ZstdLevel.For(source.Length);
        try
        {
            destination.Advance(compressor.Wrap(source, target));
        }
        finally
        {
            Keep(_compressors, compressor);
        }
    }

    /// <inheritdoc/>
    public bool TryDecompress(ReadOnlySpan<byte> frame, Span<byte> destination)
    {
        var decompressor = _decompressors.TryDequeue(out var kept) ? kept : new Decompressor();
        try
        {
            return decompressor.Unwrap(frame, destination) == destination.Length;
        }
        catch (ZstdException)
        {
            return false;
        }
        finally
        {
            Keep(_decompressors, decompressor);
        }
    }

    private static void Keep<T>(ConcurrentQueue<T> pool, T one)
        where T : IDisposable
    {
        if (pool.Count < Kept)
        {
            pool.Enqueue(one);
        }
        else
        {
            one.Dispose();
        }
    }
}
#endif
