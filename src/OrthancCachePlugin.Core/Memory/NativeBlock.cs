using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Core.Memory;

/// <summary>
/// Native memory for one body. Large ones lie on huge pages where the system has some to give: what sends them touches every page of
/// them, for each client anew, and looking pages up is a good part of that.
/// </summary>
internal static unsafe partial class NativeBlock
{
    private const nuint HugePage = 2 << 20;
    private const int UseHugePages = 14; // MADV_HUGEPAGE

    /// <summary>Allocates; to be freed by <see cref="Free"/>.</summary>
    /// <exception cref="OutOfMemoryException">There is not that much.</exception>
    public static byte* Allocate(int size)
    {
        if ((nuint)size < HugePage || !OperatingSystem.IsLinux())
        {
            return (byte*)NativeMemory.AlignedAlloc((nuint)size, sizeof(ulong));
        }

        var block = (byte*)NativeMemory.AlignedAlloc((nuint)size, HugePage);
        _ = Advise(block, (nuint)size & ~(HugePage - 1), UseHugePages); // it is the same memory without
        return block;
    }

    public static void Free(byte* block) => NativeMemory.AlignedFree(block);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(void* start, nuint length, int advice);
}
