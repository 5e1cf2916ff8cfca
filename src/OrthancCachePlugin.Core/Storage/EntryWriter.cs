using OrthancCachePlugin.Core.Threads;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Encodes entries and appends them, on a thread of its own: appending may wait for eviction and for the disk.</summary>
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

    public bool Join(TimeSpan timeout) => thread.Join(timeout);

    /// <summary>Encodes an entry, which owns the result; remembers one that is too large. One that waits is trimmed to its size.</summary>
    public StoreRejection Encode(PendingEntry entry, bool waits)
    {
        RecordBuffer? record = null;
        try
        {
            record = new RecordBuffer(geometry.LargestPayload);
            entry.Encode(record);
            if (waits)
            {
                record.Trim();
            }

            entry.Encoded = record;
            return StoreRejection.None;
        }
        catch (Exception)
        {
            record?.Dispose();
            if (record is not { WasShort: true })
            {
                return StoreRejection.Busy;
            }

            resources.Oversized.Add(entry.Key);
            return StoreRejection.TooLarge;
        }
    }

    private void Run()
    {
        ThreadPolicy.NeverPreempt();
        while (queue.Take() is { } entry)
        {
            // Whatever an entry throws, it costs that entry only; what left this thread would end the process.
            var written = false;
            try
            {
                written = TryWrite(entry);
            }
            catch (Exception)
            {
            }

            if (written)
            {
                counters.CountWrite();
            }
            else
            {
                counters.CountDroppedWrite();
            }

            queue.Done(entry);
        }
    }

    private bool TryWrite(PendingEntry entry)
    {
        var expiration = (long)options.Expiration.TotalMilliseconds;
        if (current() is null || EntryAge.IsOver(entry.CreatedAt, clock.GetUtcNow().ToUnixTimeMilliseconds(), expiration))
        {
            return false;
        }

        if (entry.Encoded is null && Encode(entry, waits: false) != StoreRejection.None)
        {
            return false;
        }

        var record = entry.Encoded!;
        if (current() is not { } session || !session.TryEnter())
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

/// <summary>Keys whose entries were too large, so that they are not encoded in vain again: a key names a version, so this stays true. Newer ones
/// displace older ones. Thread-safe without locks.</summary>
internal sealed class OversizedKeys(ulong seed)
{
    private const int Count = 4096;

    private readonly ulong[] hashes = new ulong[Count];

    public bool Contain(ReadOnlySpan<byte> key)
    {
        var hash = KeyHash.Compute(key, seed);
        return Volatile.Read(ref hashes[hash % Count]) == hash;
    }

    public void Add(ReadOnlySpan<byte> key)
    {
        var hash = KeyHash.Compute(key, seed);
        Volatile.Write(ref hashes[hash % Count], hash);
    }
}
