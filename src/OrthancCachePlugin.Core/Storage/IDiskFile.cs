namespace OrthancCachePlugin.Core.Storage;

/// <summary>An open file of the store. Positioned reads and writes only.</summary>
/// <remarks>Thread-safe. Disposing while another thread reads makes that read throw.</remarks>
internal interface IDiskFile : IDisposable
{
    /// <summary>Bytes.</summary>
    long Length { get; }

    /// <summary>Fills the buffer as far as the file goes.</summary>
    /// <returns>Bytes read: less than the buffer only at the end of the file.</returns>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Fills the buffer from what the system holds in memory, without waiting for the disk.</summary>
    /// <returns>False where a part of it is not in memory, lies behind the end of the file, or nobody can tell, or the file was closed meanwhile; the buffer is undefined then.</returns>
    bool TryReadFromMemory(Span<byte> buffer, long offset);

    /// <summary>Writes all bytes.</summary>
    void Write(ReadOnlySpan<byte> buffer, long offset);

    /// <summary>Cuts or extends.</summary>
    void SetLength(long length);

    /// <summary>Returns once the medium has the bytes.</summary>
    void Flush();
}
