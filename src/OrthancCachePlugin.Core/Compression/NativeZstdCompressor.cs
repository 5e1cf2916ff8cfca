using System.Buffers;

namespace OrthancCachePlugin.Core.Compression;

/// <summary>zstd by the reference implementation.</summary>
public sealed unsafe class NativeZstdCompressor : ICompressor
{
    private readonly ContextPool _compressors = new(Zstd.CreateCompressionContext, c => _ = Zstd.FreeCompressionContext(c), 2);
    private readonly ContextPool _decompressors = new(Zstd.CreateDecompressionContext, c => _ = Zstd.FreeDecompressionContext(c), 16);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">zstd reported an error.</exception>
    public void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination)
    {
        var target = destination.GetSpan(checked((int)Zstd.CompressBound((nuint)source.Length)));
        var context = _compressors.Rent();
        try
        {
            fixed (byte* from = source, to = target)
            {
                var size = Zstd.Compress(context, to, (nuint)target.Length, from, (nuint)source.Length, ZstdLevel.For(source.Length));
                if (Zstd.IsError(size) != 0)
                {
                    throw new InvalidOperationException("zstd could not compress.");
                }

                destination.Advance((int)size);
            }
        }
        finally
        {
            _compressors.Return(context);
        }
    }

    /// <inheritdoc/>
    public bool TryDecompress(ReadOnlySpan<byte> frame, Span<byte> destination)
    {
        var context = _decompressors.Rent();
        try
        {
            fixed (byte* from = frame, to = destination)
            {
                var size = Zstd.Decompress(context, to, (nuint)destination.Length, from, (nuint)frame.Length);
                return Zstd.IsError(size) == 0 && size == (nuint)destination.Length;
            }
        }
        finally
        {
            _decompressors.Return(context);
        }
    }
}
