namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Keeps a second process, or a second store of this one, away from the directory. <see cref="FileShare.None"/> is an exclusive
/// <c>flock</c> on Linux and an exclusively opened file on Windows; both end with the process, however it ends.
/// </summary>
/// <remarks>File systems without <c>flock</c> (some network ones) give no lock and no error: do not share a directory there.</remarks>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream stream;
    private readonly byte[] mark;
    private readonly StoreFiles files;

    private DirectoryLock(FileStream stream, byte[] mark, StoreFiles files)
    {
        this.stream = stream;
        this.mark = mark;
        this.files = files;
    }

    /// <summary>Takes the lock.</summary>
    /// <returns>Null where somebody else holds it.</returns>
    /// <exception cref="IOException">The disk refused.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory does not belong to this user.</exception>
    public static DirectoryLock? TryTake(StoreFiles files, ulong mark)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        FileStream held;
        try
        {
            held = new FileStream(files.Lock, options);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            return null;
        }

        try
        {
            var bytes = BitConverter.GetBytes(mark);
            options.Share = FileShare.ReadWrite | FileShare.Delete;
            using var owner = new FileStream(files.Owner, options);
            RandomAccess.Write(owner.SafeFileHandle, bytes, 0);
            return new DirectoryLock(held, bytes, files);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Whether the directory is still the one that was locked: false once it was removed, or removed and made again, in which case
    /// the files of the store have no name any more.
    /// </summary>
    public bool IsInPlace()
    {
        try
        {
            // Not the lock file itself: .NET would want a shared lock on that.
            using var handle = File.OpenHandle(files.Owner, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> found = stackalloc byte[mark.Length];
            return RandomAccess.Read(handle, found, 0) == mark.Length && found.SequenceEqual(mark);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private static bool IsSharingViolation(IOException e) =>
        e.GetType() == typeof(IOException) && e.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);
}
