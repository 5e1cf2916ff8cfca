using System.Buffers;
using OrthancCachePlugin.Core.Compression;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>Compresses nothing.</summary>
internal sealed class PlainCompressor : ICompressor
{
    public void Compress(ReadOnlySpan<byte> source, IBufferWriter<byte> destination) => destination.Write(source);

    public bool TryDecompress(ReadOnlySpan<byte> frame, Span<byte> destination)
    {
        var fits = frame.Length == destination.Length;
        if (fits)
        {
            frame.CopyTo(destination);
        }

        return fits;
    }
}
