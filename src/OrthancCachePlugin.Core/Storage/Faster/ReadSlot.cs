using FASTER.core;

namespace OrthancCachePlugin.Core.Storage.Faster;

/// <summary>
/// A session of the log with what one read needs: where the value goes and how the disk says that it is done. Used by one thread at a
/// time, and pooled, so that a read that is answered from memory allocates nothing.
/// </summary>
internal sealed class ReadSlot : IDisposable
{
    private readonly SemaphoreSlim diskDone = new(0);

    public ClientSession<SpanByte, SpanByte, Empty, ReadOutput, Empty, EntryFunctions> Session { get; set; } = null!;

    /// <summary>The header that was found; its checksum is not verified yet.</summary>
    public RecordHeader Header { get; set; }

    /// <summary>A copy of the payload, in a borrowed buffer; null where nothing was found.</summary>
    public byte[]? Buffer { get; set; }

    /// <summary>Where in the log it was found.</summary>
    public long Address { get; set; }

    /// <summary>Whether a record was found that is not ours.</summary>
    public bool Damaged { get; set; }

    /// <summary>Bytes of the budget that this read holds.</summary>
    public long Taken { get; set; }

    /// <summary>Called by the device when it has finished one read of this slot.</summary>
    public void SignalDiskDone() => diskDone.Release();

    /// <summary>Waits for the device.</summary>
    public bool WaitForDisk(TimeSpan timeout) => diskDone.Wait(timeout);

    /// <summary>Prepares for the next read.</summary>
    public void Reset()
    {
        Buffer = null;
        Damaged = false;
        Taken = 0;
        while (diskDone.CurrentCount != 0 && diskDone.Wait(0))
        {
            // a signal that the read before did not need
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Session?.Dispose();
        diskDone.Dispose();
    }
}
