namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Entries that wait for the writer, bounded in number and in the bytes that they hold. When it is full, a new entry is turned away:
/// the next request will bring it again. An entry that is larger than the bound may wait beside all others, but only one of them at a time.
/// </summary>
/// <remarks>Thread-safe, but for one thread alone that takes entries and calls <see cref="Done"/> for each.</remarks>
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

    /// <summary>Adds an entry.</summary>
    /// <returns>False where it stays the caller's.</returns>
    public bool TryAdd(PendingEntry entry) => TryReserve(entry) && TryAddReserved(entry);

    /// <summary>Keeps a place for an entry, which is added or given up then.</summary>
    /// <returns>False where there is none.</returns>
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

    /// <summary>Adds an entry for which a place is kept.</summary>
    /// <returns>False where the queue was closed meanwhile: the place is given up, and the entry stays the caller's.</returns>
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

    /// <summary>Gives up the place that is kept for an entry.</summary>
    public void GiveUpReserved(PendingEntry entry)
    {
        lock (gate)
        {
            reserved--;
            Free(entry);
        }
    }

    /// <summary>Waits for an entry.</summary>
    /// <returns>Null once closed.</returns>
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

    /// <summary>Disposes of an entry that was taken, once it is written or dropped.</summary>
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

    /// <summary>Waits until all that was added before is done.</summary>
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

    /// <summary>Takes out the waiting entries whose key is selected, and disposes of them.</summary>
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

    /// <summary>Takes no more entries and lets the writer end once the rest is done.</summary>
    public void Close()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>What an entry throws when it gives its memory back concerns nobody else, the writer's thread least of all.</summary>
    private static void TryDispose(PendingEntry entry)
    {
        try
        {
            entry.Dispose();
        }
        catch (Exception)
        {
            // it is out of the queue
        }
    }

    /// <summary>Under the lock: gives back the bytes that an entry took.</summary>
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
