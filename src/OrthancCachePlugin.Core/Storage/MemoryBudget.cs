namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Bounds the bytes of large values that are copied out at once: fifty requests for 8 MiB must not become 400 MiB. Whoever finds the
/// budget spent waits for a moment, and then it is a miss.
/// </summary>
/// <remarks>Thread-safe. Not fair: a small request may overtake a large one.</remarks>
internal sealed class MemoryBudget(long total)
{
    private readonly object gate = new();
    private long used;

    public long Used
    {
        get
        {
            lock (gate)
            {
                return used;
            }
        }
    }

    /// <summary>Takes <paramref name="bytes"/> from the budget, waiting for at most <paramref name="timeout"/>.</summary>
    public bool TryTake(long bytes, TimeSpan timeout)
    {
        lock (gate)
        {
            if (bytes > total)
            {
                return false;
            }

            var deadline = Deadline.After(timeout);
            while (used + bytes > total)
            {
                if (deadline.IsOver || !Monitor.Wait(gate, deadline.Rest))
                {
                    return false;
                }
            }

            used += bytes;
            return true;
        }
    }

    /// <summary>Gives bytes back.</summary>
    public void Give(long bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        lock (gate)
        {
            used -= bytes;
            Monitor.PulseAll(gate);
        }
    }
}
