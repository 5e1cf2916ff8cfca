using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Reads what Linux holds of a file in its page cache, and never waits for the disk: <c>preadv2</c> with <c>RWF_NOWAIT</c> (Linux 4.14, glibc
/// 2.26), for which .NET has no call. Elsewhere, and on file systems that do not know the flag, nothing is read.
/// </summary>
internal static unsafe partial class PageCache
{
    private const int NoWait = 0x8; // RWF_NOWAIT

    private static bool isMissing = !OperatingSystem.IsLinux() || IntPtr.Size != 8;

    /// <summary>Fills the buffer.</summary>
    /// <returns>False where that would have to wait, or where it fails for any other reason.</returns>
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

    /// <summary>struct iovec.</summary>
    private struct Part
    {
        public byte* Start;
        public nuint Length;
    }
}
