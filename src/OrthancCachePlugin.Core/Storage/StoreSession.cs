using OrthancCachePlugin.Core.Storage.Faster;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>One period in which the store works: from an open log until it is closed or given up.</summary>
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

    /// <summary>Entries that were there when it was opened.</summary>
    public long RecoveredEntries { get; init; }

    /// <summary>Why the log cannot be trusted any more; null as long as it can.</summary>
    public Exception? Failure => failure ?? Engine.Device.Failure;

    /// <summary>Whether something was written that no checkpoint knows.</summary>
    public bool IsDirty => Interlocked.Read(ref writtenSinceCheckpoint) != 0;

    /// <summary>Whether a checkpoint has succeeded since it was opened, so that the next failure is a new one.</summary>
    public bool HasProvenItself { get; private set; }

    /// <summary>True once: for the first damaged entry that is met.</summary>
    public bool IsFirstDamage() => Interlocked.Exchange(ref damageSeen, 1) == 0;

    /// <summary>Notes that the log cannot be trusted any more.</summary>
    public void Fail(Exception cause) => failure ??= cause;

    /// <summary>Begins an operation that uses the log; ends with <see cref="Leave"/>.</summary>
    public bool TryEnter() => Failure is null && gate.TryEnter();

    public void Leave() => gate.Exit();

    /// <summary>Appends an entry, making room first.</summary>
    /// <param name="key">The key.</param>
    /// <param name="record">Header and payload.</param>
    /// <param name="since">The position in the log of removals from which the entry dates.</param>
    /// <returns>False where there is no room, or where the key was removed since.</returns>
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

    /// <summary>Rewrites the log without some keys, if there are any in it, and logs the removal.</summary>
    /// <param name="keys">What is removed.</param>
    /// <param name="count">Asked before, while nothing is appended: how many entries there are, and whether there is anything of them.</param>
    /// <param name="removed">How many there were.</param>
    /// <returns>True where their bytes have left the disk, and none that waits to be appended will bring them back.</returns>
    public bool Remove(KeyPrefixes keys, Func<(int Live, bool Any)> count, out int removed)
    {
        lock (appending)
        {
            (removed, var any) = count();
            if (any)
            {
                Evictor.Purge(keys);
                if (!Checkpoint() || Failure is not null)
                {
                    return false;
                }
            }

            removals.Add(keys);
            return true;
        }
    }

    /// <summary>Begins the log anew, whatever is in it, and logs the removal.</summary>
    /// <param name="over">Unix milliseconds: what was created until then has expired.</param>
    /// <param name="removed">How many entries there were that had not, as far as counters know: nothing is read for it.</param>
    /// <returns>As of <see cref="Remove"/>.</returns>
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

    /// <summary>Shows every record to a visitor, one segment after the other so that the writer gets its turns.</summary>
    public void Scan(RecordVisitor visit)
    {
        long next = 0;
        bool more;
        do
        {
            // Nothing is appended meanwhile: a record that is being written cannot be walked over. What is kept of a segment that is
            // dropped between two turns is met again at the tail.
            lock (appending)
            {
                more = Engine.Scan(ref next, visit);
            }
        }
        while (more);
    }

    /// <summary>Drops what has expired, one segment at a time so that the writer gets its turns.</summary>
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

    /// <summary>Leaves the last of the disk to others: on a disk that is nearly full the cap follows what is free.</summary>
    /// <returns>Whether the cap is lower than configured.</returns>
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

    /// <summary>Takes a checkpoint and puts it on disk.</summary>
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

    /// <summary>Whether the directory is still the one that was opened.</summary>
    public bool IsInPlace() => directoryLock.IsInPlace();

    /// <summary>
    /// Ends it. Never waits for longer than a few of the options' time-outs: what does not come back from the disk is left behind.
    /// </summary>
    /// <param name="save">Whether to take a last checkpoint.</param>
    /// <returns>False where threads were left behind.</returns>
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

    /// <summary>Each step of the end is taken, whatever the one before throws.</summary>
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

    /// <inheritdoc/>
    public void Dispose()
    {
        Close(save: false);
        gate.Dispose();
    }
}
