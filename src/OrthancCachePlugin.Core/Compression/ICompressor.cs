using System.Buffers;

namespace OrthancCachePlugin.Core.Compression;

/// <summary>Makes and reads one zstd frame per body (RFC 8878). Thread-safe.</summary>
public interface ICompressor
{
    /// <summary>Appends a frame that states its content size.</summary>
    void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination);

    /// <summary>Reads a frame into a span of exactly the size that the body had.</summary>
    /// <returns>False where the frame is damaged or the size differs.</returns>
    bool TryDecompress(ReadOnlySpan<byte> frame, Span<byte> destination);
}
