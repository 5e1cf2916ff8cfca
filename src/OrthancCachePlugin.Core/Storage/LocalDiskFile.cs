using Microsoft.Win32.SafeHandles;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>A file on the disk itself.</summary>
internal sealed class LocalDiskFile(FileStream stream) : IDiskFile
{
    private readonly SafeFileHandle handle = stream.SafeFileHandle;

    /// <inheritdoc/>
    public long Length => RandomAccess.GetLength(handle);

    /// <inheritdoc/>
    public int Read(Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var count = RandomAccess.Read(handle, buffer[total..], offset + total);
            if (count == 0)
            {
                break;
            }

            total += count;
        }

        return total;
    }

    /// <inheritdoc/>
    public bool TryReadFromMemory(Span<byte> buffer, long offset) => PageCache.TryRead(handle, buffer, offset);

    /// <inheritdoc/>
    public void Write(ReadOnlySpan<byte> buffer, long offset) => RandomAccess.Write(handle, buffer, offset);

    /// <inheritdoc/>
    public void SetLength(long length) => RandomAccess.SetLength(handle, length);

    /// <inheritdoc/>
    public void Flush() => RandomAccess.FlushToDisk(handle);

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
