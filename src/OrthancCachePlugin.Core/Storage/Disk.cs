using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>What the store does to files, so that tests can make it fail. Thread-safe; throws IOException or UnauthorizedAccessException.</summary>
internal interface IDisk
{
    /// <summary>Null where there is no such file.</summary>
    IDiskFile? OpenExisting(string path);

    /// <summary>A new file has mode 0600.</summary>
    IDiskFile OpenOrCreate(string path);

    /// <summary>A file that does not exist is no error.</summary>
    void Delete(string path);

    void Replace(string from, string to);

    /// <summary>Null where the file system does not say.</summary>
    DiskSpace? Space(string directory);
}

/// <summary>An open file. Thread-safe: disposing makes a read on another thread throw.</summary>
internal interface IDiskFile : IDisposable
{
    long Length { get; }

    /// <summary>Returns less than the buffer only at the end of the file.</summary>
    int Read(Span<byte> buffer, long offset);

    /// <summary>Reads from the page cache of the system; false, with an undefined buffer, where that would wait for the disk or fails.</summary>
    bool TryReadFromMemory(Span<byte> buffer, long offset);

    void Write(ReadOnlySpan<byte> buffer, long offset);

    void SetLength(long length);

    void Flush();
}

internal readonly record struct DiskSpace(long Free, long Total);

internal sealed class LocalDisk : IDisk
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static LocalDisk Instance { get; } = new();

    public IDiskFile? OpenExisting(string path)
    {
        try
        {
            return new LocalDiskFile(new FileStream(path, Options(FileMode.Open)));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    public IDiskFile OpenOrCreate(string path) => new LocalDiskFile(new FileStream(path, Options(FileMode.OpenOrCreate)));

    public void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    public void Replace(string from, string to) => File.Move(from, to, overwrite: true);

    public DiskSpace? Space(string directory)
    {
        try
        {
            var drive = new DriveInfo(Path.GetFullPath(directory));
            return drive.TotalSize > 0 ? new DiskSpace(drive.AvailableFreeSpace, drive.TotalSize) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static FileStreamOptions Options(FileMode mode)
    {
        var options = new FileStreamOptions
        {
            Mode = mode,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete, // no advisory lock per file: the directory has one
            BufferSize = 0,
        };
        if (mode != FileMode.Open && !OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        return options;
    }
}

internal sealed class LocalDiskFile(FileStream stream) : IDiskFile
{
    private readonly SafeFileHandle handle = stream.SafeFileHandle;

    public long Length => RandomAccess.GetLength(handle);

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

    public bool TryReadFromMemory(Span<byte> buffer, long offset) => PageCache.TryRead(handle, buffer, offset);

    public void Write(ReadOnlySpan<byte> buffer, long offset) => RandomAccess.Write(handle, buffer, offset);

    public void SetLength(long length) => RandomAccess.SetLength(handle, length);

    public void Flush() => RandomAccess.FlushToDisk(handle);

    public void Dispose() => stream.Dispose();
}

/// <summary>Reads what Linux holds of a file in its page cache, and never waits for the disk: <c>preadv2</c> with <c>RWF_NOWAIT</c> (Linux 4.14,
/// glibc 2.26), for which .NET has no call. Elsewhere, and on file systems that do not know the flag, nothing is read.</summary>
internal static unsafe partial class PageCache
{
    private const int NoWait = 0x8; // RWF_NOWAIT

    private static bool isMissing = !OperatingSystem.IsLinux() || IntPtr.Size != 8;

    public static bool TryRead(SafeFileHandle file, Span<byte> buffer, long offset)
    {
        if (isMissing)
        {
            return false;
        }

        var isReferenced = false;
        try
        {
            file.DangerousAddRef(ref isReferenced);
            fixed (byte* start = buffer)
            {
                var part = new Part { Start = start, Length = (nuint)buffer.Length };
                return Read((int)file.DangerousGetHandle(), &part, 1, offset, NoWait) == buffer.Length;
            }
        }
        catch (ObjectDisposedException)
        {
            return false; // a segment that was evicted meanwhile
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            isMissing = true;
            return false;
        }
        finally
        {
            if (isReferenced)
            {
                file.DangerousRelease();
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "preadv2")]
    private static partial nint Read(int file, Part* parts, int count, long offset, int flags);

    private struct Part
    {
        public byte* Start;
        public nuint Length;
    }
}
