using OrthancCachePlugin.Core.Threads;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Entries that wait for the writer, bounded in number and in the bytes that they hold. When it is full, a new entry is turned away:
/// the answer has been sent long since, and the next request will bring it again.
/// </summary>
/// <remarks>Thread-safe, but for one thread alone that takes entries, disposes of each and then calls <see cref="Done"/>.</remarks>
internal sealed class WriteQueue(int maximumEntries, long maximumBytes)
{
    private readonly object gate = new();
    private readonly LinkedList<PendingEntry> entries = [];
    private readonly Signal arrival = new();
    private long bytes;
    private long added;
    private long done;
    private bool closed;

    /// <summary>Whether the writer sleeps, or is about to, and has not been woken yet.</summary>
    private bool isAwaited;

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
    public bool TryAdd(PendingEntry entry)
    {
        var size = entry.HeldBytes;
        bool wakes;
        lock (gate)
        {
            if (closed || entries.Count >= maximumEntries || bytes + size > maximumBytes)
            {
                return false;
            }

            entries.AddLast(entry);
            bytes += size;
            added++;
            wakes = EndSleep();
        }

        if (wakes)
        {
            arrival.Set();
        }

        return true;
    }

    /// <summary>Waits for an entry.</summary>
    /// <returns>Null once closed.</returns>
    public PendingEntry? Take()
    {
        while (true)
        {
            lock (gate)
            {
                if (entries.First is { } first)
                {
                    entries.RemoveFirst();
                    return first.Value;
                }

                if (closed)
                {
                    return null;
                }

                isAwaited = true;
            }

            arrival.Wait();
        }
    }

    /// <summary>Says that an entry that was taken is written or dropped.</summary>
    /// <param name="size">The bytes that it held.</param>
    public void Done(int size)
    {
        lock (gate)
        {
            bytes -= size;
            done++;
            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Waits until all that was added before is done.</summary>
    public bool WaitUntilDone(TimeSpan patience)
    {
        var deadline = Deadline.After(patience);
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
                    bytes -= node.Value.HeldBytes;
                    done++;
                    entries.Remove(node);
                    node.Value.Dispose();
                }

                node = next;
            }

            Monitor.PulseAll(gate);
        }
    }

    /// <summary>Takes no more entries and lets the writer end once the rest is done.</summary>
    public void Close()
    {
        bool wakes;
        lock (gate)
        {
            closed = true;
            wakes = EndSleep();
        }

        if (wakes)
        {
            arrival.Set();
        }
    }

    /// <summary>Under the lock: whether the writer sleeps and is to be woken, which one caller is told, however many entries come.</summary>
    private bool EndSleep()
    {
        var was = isAwaited;
        isAwaited = false;
        return was;
    }
}
