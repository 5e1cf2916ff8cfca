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

    /// <summary>Writes all bytes.</summary>
    void Write(ReadOnlySpan<byte> buffer, long offset);

    /// <summary>Cuts or extends.</summary>
    void SetLength(long length);

    /// <summary>Returns once the medium has the bytes.</summary>
    void Flush();
}
