using System.Buffers;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>An entry on its way to disk. It is encoded on the writer's thread, so that the thread that answers HTTP pays for the copy of the body
/// only.</summary>
public abstract class PendingEntry : IDisposable
{
    public abstract ReadOnlySpan<byte> Key { get; }

    public abstract long CreatedAt { get; } // Unix milliseconds

    public abstract long Since { get; } // the position in the log of removals before the content was read or computed

    /// <summary>Bytes while it waits: what the queue's bound counts.</summary>
    public abstract int SizeInMemory { get; }

    /// <summary>Writes the value; called once, and may throw: the entry is dropped then. The destination has room for the largest value and no more:
    /// it may give less than was asked for.</summary>
    public abstract void Encode(IBufferWriter<byte> destination);

    internal long Reserved { get; set; }

    internal RecordBuffer? Encoded { get; set; }

    public void Dispose()
    {
        Encoded?.Dispose();
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>Entries that wait for the writer, bounded in number and bytes; a new one is turned away when it is full. One that is larger than the
/// bound may wait beside the others. Thread-safe, but for one thread that takes entries and calls Done.</summary>
internal sealed class WriteQueue(int maximumEntries, long maximumBytes)
{
    private readonly object gate = new();
    private readonly LinkedList<PendingEntry> entries = [];
    private PendingEntry? beside;
    private int reserved;
    private long bytes;
    private long added;
    private long done;
    private bool closed;

    public int Length
    {
        get
        {
            lock (gate)
            {
                return entries.Count;
            }
        }
    }

    public long Bytes => Interlocked.Read(ref bytes);

    public bool TryAdd(PendingEntry entry) => TryReserve(entry) && TryAddReserved(entry);

    /// <summary>Keeps a place for an entry, which is added or given up then.</summary>
    public bool TryReserve(PendingEntry entry)
    {
        long size = entry.SizeInMemory;
        lock (gate)
        {
            if (closed || entries.Count + reserved >= maximumEntries)
            {
                return false;
            }

            var others = bytes - (beside?.Reserved ?? 0);
            if (others + size > maximumBytes)
            {
                if (size <= maximumBytes || beside is not null)
                {
                    return false;
                }

                beside = entry;
            }

            entry.Reserved = size;
            bytes += size;
            reserved++;
            return true;
        }
    }

    /// <summary>False where the queue was closed: the place is given up, and the entry stays the caller's.</summary>
    public bool TryAddReserved(PendingEntry entry)
    {
        lock (gate)
        {
            if (closed)
            {
                GiveUpReserved(entry);
                return false;
            }

            entries.AddLast(entry);
            reserved--;
            added++;
            Monitor.PulseAll(gate);
        }

        return true;
    }

    public void GiveUpReserved(PendingEntry entry)
    {
        lock (gate)
        {
            reserved--;
            Free(entry);
        }
    }

    public PendingEntry? Take()
    {
        lock (gate)
        {
            while (entries.First is null && !closed)
            {
                Monitor.Wait(gate);
            }

            if (entries.First is not { } first)
            {
                return null;
            }

            entries.RemoveFirst();
            return first.Value;
        }
    }

    public void Done(PendingEntry entry)
    {
        TryDispose(entry);
        lock (gate)
        {
            Free(entry);
            done++;
            Monitor.PulseAll(gate);
        }
    }

    public bool WaitUntilDone(TimeSpan timeout)
    {
        var deadline = Deadline.After(timeout);
        lock (gate)
        {
            var target = added;
            while (done < target)
            {
                if (deadline.IsOver || !Monitor.Wait(gate, deadline.Rest))
                {
                    return done >= target;
                }
            }

            return true;
        }
    }

    public void Discard(KeyPrefixes keys)
    {
        lock (gate)
        {
            for (var node = entries.First; node is not null;)
            {
                var next = node.Next;
                if (keys.Match(node.Value.Key))
                {
                    Free(node.Value);
                    done++;
                    entries.Remove(node);
                    TryDispose(node.Value);
                }

                node = next;
            }

            Monitor.PulseAll(gate);
        }
    }

    public void Close()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>What an entry throws here must not reach the thread of the writer.</summary>
    private static void TryDispose(PendingEntry entry)
    {
        try
        {
            entry.Dispose();
        }
        catch (Exception)
        {
        }
    }

    /// <summary>Under the lock.</summary>
    private void Free(PendingEntry entry)
    {
        bytes -= entry.Reserved;
        entry.Reserved = 0;
        if (ReferenceEquals(beside, entry))
        {
            beside = null;
        }
    }
}
