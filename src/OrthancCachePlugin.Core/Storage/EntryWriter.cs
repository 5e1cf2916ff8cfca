using OrthancCachePlugin.Core.Threads;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Encodes one entry after the other and appends it, on a thread of its own: appending may wait for eviction and for the disk.</summary>
internal sealed class EntryWriter
{
    private readonly WriteQueue queue;
    private readonly LogResources resources;
    private readonly LogGeometry geometry;
    private readonly StoreCounters counters;
    private readonly StoreOptions options;
    private readonly TimeProvider clock;
    private readonly Func<StoreSession?> current;
    private readonly Thread thread;

    public EntryWriter(
        WriteQueue queue, LogResources resources, StoreOptions options, StoreCounters counters, TimeProvider clock, Func<StoreSession?> current)
    {
        this.queue = queue;
        this.resources = resources;
        this.options = options;
        this.counters = counters;
        this.clock = clock;
        this.current = current;
        geometry = LogGeometry.From(options);
        thread = new Thread(Run) { IsBackground = true, Name = "cache-encode" };
    }

    public void Start() => thread.Start();

    /// <summary>Waits for the thread to end, after the queue was closed.</summary>
    public bool Join(TimeSpan patience) => thread.Join(patience);

    private void Run()
    {
        ThreadPolicy.NeverPreempt();
        while (queue.Take() is { } entry)
        {
            var size = entry.HeldBytes;
            var written = false;
            try
            {
                written = TryWrite(entry);
            }
            catch (Exception)
            {
                // Whatever an entry's encoder throws, it costs that entry only.
            }
            finally
            {
                if (written)
                {
                    counters.CountWrite();
                }
                else
                {
                    counters.CountDroppedWrite();
                }

                entry.Dispose();
                queue.Done(size);
            }
        }
    }

    private bool TryWrite(PendingEntry entry)
    {
        var expiration = (long)options.Expiration.TotalMilliseconds;
        if (current() is null || EntryAge.IsOver(entry.CreatedAt, clock.GetUtcNow().ToUnixTimeMilliseconds(), expiration))
        {
            return false;
        }

        using var record = new RecordBuffer(resources.Buffers, EntryLimits.MaximumValueSize);
        entry.Encode(record);
        if (record.PayloadSize > EntryLimits.MaximumValueSize
            || !geometry.Fits(entry.Key.Length, record.PayloadSize + RecordCodec.HeaderSize)
            || current() is not { } session
            || !session.TryEnter())
        {
            return false;
        }

        try
        {
            var bytes = record.Finish(entry.Key, entry.CreatedAt);
            resources.Accesses.NoteSize(session.Engine.HashOf(entry.Key), record.PayloadSize);
            return session.Append(entry.Key, bytes, entry.Since);
        }
        catch (Exception e)
        {
            session.Fail(e);
            return false;
        }
        finally
        {
            session.Leave();
        }
    }
}
