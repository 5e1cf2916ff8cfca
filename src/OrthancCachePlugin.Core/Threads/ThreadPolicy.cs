using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Core.Threads;

public static unsafe partial class ThreadPolicy
{
    private const int Batch = 3; // SCHED_BATCH

    /// <summary>For work behind a response: the calling thread never takes a processor from a thread that runs, as one that wakes otherwise may; its
    /// share of the time is the same. Without effect where the system has no such policy or does not allow it.</summary>
    public static void NeverPreempt()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            var priority = 0;
            _ = SetScheduler(0, Batch, &priority);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, int* parameters);
}
