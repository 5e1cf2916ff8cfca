namespace OrthancCachePlugin.Core.Storage;

internal sealed class StoreSession : IDisposable
{
    private readonly IDisk disk;
    private readonly StoreFiles files;
    private readonly DirectoryLock directoryLock;
    private readonly StoreOptions options;
    private readonly RemovalLog removals;
    private readonly Lock appending = new();
    private readonly Lock checkpointing = new(); // taken after the other where both are
    private readonly OperationGate gate = new();
    private volatile Exception? failure;
    private long writtenSinceCheckpoint;
    private int damageSeen;

    public StoreSession(
        IDisk disk, StoreFiles files, DirectoryLock directoryLock, StoreOptions options, LogEngine engine, Evictor evictor, RemovalLog removals)
    {
        this.disk = disk;
        this.files = files;
        this.directoryLock = directoryLock;
        this.options = options;
        this.removals = removals;
        Engine = engine;
        Evictor = evictor;
    }

    public LogEngine Engine { get; }

    public Evictor Evictor { get; }

    public long RecoveredEntries { get; init; }

    public Exception? Failure => failure ?? Engine.Device.Failure; // why the log cannot be trusted any more; null while it can

    public bool IsDirty => Interlocked.Read(ref writtenSinceCheckpoint) != 0;

    public bool HasProvenItself { get; private set; } // whether a checkpoint has succeeded, so that the next failure is a new one

    public bool IsFirstDamage() => Interlocked.Exchange(ref damageSeen, 1) == 0;

    public void Fail(Exception cause) => failure ??= cause;

    public bool TryEnter() => Failure is null && gate.TryEnter();

    public void Leave() => gate.Exit();

    /// <summary>Appends an entry, making room first; false where there is none, or where the key was removed since.</summary>
    public bool Append(ReadOnlySpan<byte> key, ReadOnlySpan<byte> record, long since)
    {
        lock (appending)
        {
            if (removals.MayHaveRemoved(since, key) || !Evictor.TryMakeRoom(LogGeometry.RecordSize(key.Length, record.Length)))
            {
                return false;
            }

            Engine.Append(key, record);
        }

        Interlocked.Increment(ref writtenSinceCheckpoint);
        return Failure is null;
    }

    /// <summary>Overwrites the values of some keys in place, a segment at a time so that the writer gets its turns, and logs the removal. Where a
    /// part of the log cannot be read, which may hide some, the log is rewritten without them. Counts what was created after the given time (Unix
    /// milliseconds). False where not all bytes have left the disk.</summary>
    public bool Remove(KeyPrefixes keys, long expired, out int removed)
    {
        var found = new HashSet<ulong>();
        var cutReads = Engine.Device.CutReads;
        long next = 0;
        bool isDone = false, isWhole = true;
        while (!isDone)
        {
            lock (appending)
            {
                isWhole &= Erase(keys, expired, found, ref next);

                // What is moved or appended between two turns lies behind, and is met there.
                isDone = next >= Engine.TailAddress;
                if (isDone)
                {
                    if (!isWhole || Engine.Device.CutReads != cutReads)
                    {
                        Evictor.Purge(keys);
                    }

                    Engine.Device.Flush();
                    removals.Add(keys);
                }
            }
        }

        removed = found.Count;
        return (!IsDirty || Checkpoint()) && Failure is null;
    }

    private bool Erase(KeyPrefixes keys, long expired, HashSet<ulong> found, ref long next)
    {
        var values = new List<(long Address, int Size)>();
        Engine.Scan(ref next, (address, key, record) =>
        {
            if (keys.Match(key) && !RecordCodec.IsRemoved(record))
            {
                values.Add((address + LogGeometry.ValueAt(key.Length), record.Length));
                Engine.Segments.ForgetRecord(address, record, key.Length);
                if (RecordCodec.TryReadHeader(record, key.Length, out var header) && header.CreatedAt > expired)
                {
                    found.Add(Engine.HashOf(key));
                }
            }
        });
        if (values.Count == 0)
        {
            return true;
        }

        if (Engine.IsInLastPage(values[^1].Address))
        {
            // The checkpoint keeps a later start from writing on in a page that a kill may leave half overwritten.
            Evictor.BeginSegment();
            if (Engine.IsInLastPage(values[^1].Address) || !Checkpoint())
            {
                throw new IOException("There is no room to remove entries.");
            }
        }

        Interlocked.Increment(ref writtenSinceCheckpoint);
        return Engine.Erase(values);
    }

    /// <summary>Begins the log anew, whatever is in it, and logs the removal. Counts without reading, as far as counters know.</summary>
    public bool RemoveAll(long over, out int removed)
    {
        lock (appending)
        {
            removed = (int)Math.Min(Engine.Segments.RecordsSince(over), int.MaxValue);
            if (Engine.TailAddress > Engine.BeginAddress)
            {
                Evictor.Purge(KeyPrefixes.All);
                if (!Checkpoint() || Failure is not null)
                {
                    return false;
                }
            }

            removals.Add(KeyPrefixes.All);
            return true;
        }
    }

    public void Scan(RecordVisitor visit)
    {
        long next = 0;
        bool more;
        do
        {
            // Nothing is appended meanwhile: a record that is being written cannot be walked over. What
            // eviction moves between two turns is met again at the tail.
            lock (appending)
            {
                more = Engine.Scan(ref next, visit);
            }
        }
        while (more);
    }

    public void Sweep()
    {
        bool more;
        do
        {
            lock (appending)
            {
                more = Failure is null && Evictor.SweepExpired();
                if (more)
                {
                    Interlocked.Increment(ref writtenSinceCheckpoint);
                }
            }
        }
        while (more);
    }

    /// <summary>On a disk that is nearly full the cap follows what is free; true where it is lower than configured.</summary>
    public bool FollowFreeSpace()
    {
        if (disk.Space(files.Directory) is not { } space)
        {
            return false;
        }

        var reserve = Math.Min(1L << 30, space.Total / 20);
        var possible = Math.Max(files.BytesOnDisk() + space.Free - reserve, 0);
        Evictor.Cap = Math.Min(options.MaximumBytes, possible);
        if (Evictor.Cap < options.MaximumBytes)
        {
            lock (appending)
            {
                Evictor.Enforce();
            }

            return true;
        }

        return false;
    }

    public bool Checkpoint()
    {
        lock (checkpointing)
        {
            Interlocked.Exchange(ref writtenSinceCheckpoint, 0);
            if (Engine.Checkpoint(options.ShutdownTimeout) is not { } data)
            {
                return false;
            }

            CheckpointFile.Write(disk, files, data);
            HasProvenItself = true;
            return true;
        }
    }

    public bool IsInPlace() => directoryLock.IsInPlace();

    /// <summary>Ends it, within a few timeouts, with a last checkpoint or without: what does not come back from the disk is left behind. False where
    /// threads were.</summary>
    public bool Close(bool save)
    {
        var clean = TryTo(() => !save || Failure is not null || !IsDirty || Checkpoint());
        if (!gate.Close(Failure is null ? options.ShutdownTimeout : TimeSpan.Zero))
        {
            TryTo(Abandon);
            clean &= gate.Close(options.ShutdownTimeout);
        }

        if (clean || gate.Close(TimeSpan.Zero))
        {
            clean &= Bounded.Run("cache-close", Engine.Dispose, options.ShutdownTimeout) is null;
        }

        clean &= TryTo(Abandon);
        clean &= TryTo(() =>
        {
            directoryLock.Dispose();
            return true;
        });
        return clean;
    }

    private bool Abandon()
    {
        Engine.Abandon();
        return true;
    }

    private bool TryTo(Func<bool> step)
    {
        try
        {
            return step();
        }
        catch (Exception e)
        {
            Fail(e);
            return false;
        }
    }

    public void Dispose()
    {
        Close(save: false);
        gate.Dispose();
    }
}

/// <summary>Lets operations in until it is closed, and then tells when the last one has left: a log must not be disposed of in use.
/// Thread-safe.</summary>
internal sealed class OperationGate : IDisposable
{
    private const long Closed = 1L << 62;

    private readonly ManualResetEventSlim empty = new(initialState: false);
    private long state;

    public bool TryEnter()
    {
        if ((Interlocked.Increment(ref state) & Closed) == 0)
        {
            return true;
        }

        Exit();
        return false;
    }

    public void Exit()
    {
        if (Interlocked.Decrement(ref state) == Closed)
        {
            empty.Set();
        }
    }

    /// <summary>Lets nobody in any more and waits until all have left; false where somebody has not.</summary>
    public bool Close(TimeSpan timeout)
    {
        if ((Interlocked.Or(ref state, Closed) & ~Closed) == 0)
        {
            return true;
        }

        return empty.Wait(timeout) || (Interlocked.Read(ref state) & ~Closed) == 0;
    }

    public void Dispose() => empty.Dispose();
}
