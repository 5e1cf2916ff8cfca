using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Storage.Faster;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Opens the directory: takes the lock, recovers what an earlier process left, and begins empty where that cannot be trusted. A marker
/// file stands while the recovery runs, so that a recovery that took the process down is not tried again.
/// </summary>
internal sealed class StoreOpener(
    IDisk disk, StoreOptions options, LogResources resources, StoreCounters counters, ILog log, TimeProvider clock, Func<ulong> identity)
{
    private readonly StoreFiles files = new(options.Directory);
    private readonly LogGeometry geometry = LogGeometry.From(options);

    /// <summary>Opens the store.</summary>
    /// <param name="wipe">Whether what is there must not be used.</param>
    /// <param name="reason">Why not, in words for the person who runs the server.</param>
    public StoreSession? TryOpen(bool wipe, out string reason)
    {
        DirectoryLock? taken = null;
        try
        {
            if (!geometry.CanWork(options.MaximumBytes))
            {
                reason = "its maximum size is too small";
                return null;
            }

            PrepareDirectory();
            taken = DirectoryLock.TryTake(files, identity());
            if (taken is null)
            {
                reason = "another process uses its directory";
                return null;
            }

            var session = Open(taken, wipe);
            reason = "";
            return session;
        }
        catch (Exception e)
        {
            taken?.Dispose();
            reason = Describe(e);
            return null;
        }
    }

    /// <summary>Leaves the marker of a recovery that did not end, so that even another process begins empty; as well as the disk lets us.</summary>
    public void MarkForWipe()
    {
        try
        {
            using var marker = disk.OpenOrCreate(files.RecoveryMarker);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // this process remembers it by itself
        }
    }

    /// <inheritdoc cref="Trouble.Describe"/>
    public static string Describe(Exception e) => Trouble.Describe(e);

    /// <summary>Goes through the directory: bytes below it now; 0 where it cannot be read.</summary>
    public long MeasureBytesOnDisk()
    {
        try
        {
            return files.BytesOnDisk();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    /// <summary>From a GUID, since the framework's RandomNumberGenerator loads OpenSSL into the host.</summary>
    internal static ulong NewIdentity() => BitConverter.ToUInt64(Guid.NewGuid().ToByteArray());

    private void PrepareDirectory()
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows())
        {
            WindowsDirectory.Create(files.Directory);
            return;
        }

        Directory.CreateDirectory(files.Directory, ownerOnly);
        if ((File.GetUnixFileMode(files.Directory) & ~ownerOnly) == UnixFileMode.None)
        {
            return;
        }

        if (files.HasForeignEntries())
        {
            LogMessages.DirectoryIsShared(log);
        }
        else
        {
            File.SetUnixFileMode(files.Directory, ownerOnly);
        }
    }

    private StoreSession Open(DirectoryLock taken, bool wipe)
    {
        CheckpointData? checkpoint = null;
        if (File.Exists(files.RecoveryMarker))
        {
            LogMessages.RecoveryWasInterrupted(log);
            wipe = true;
        }

        if (!wipe)
        {
            switch (CheckpointFile.Read(disk, files, geometry.Fingerprint, out checkpoint))
            {
                case CheckpointStatus.Damaged:
                    LogMessages.BeginsEmpty(log, "its checkpoint is damaged");
                    break;
                case CheckpointStatus.OtherSettings:
                    LogMessages.BeginsEmpty(log, "it was written with other settings or by another version");
                    break;
                case CheckpointStatus.Missing when files.HasData():
                    LogMessages.BeginsEmpty(log, "it has no checkpoint");
                    break;
            }
        }

        return checkpoint is not null && Recover(taken, checkpoint) is { } session ? session : Begin(taken);
    }

    private StoreSession? Recover(DirectoryLock taken, CheckpointData checkpoint)
    {
        using (disk.OpenOrCreate(files.RecoveryMarker))
        {
            // its existence is all it says
        }

        var engine = new LogEngine(disk, files, geometry, resources, checkpoint.StoreId);
        long records = 0;
        var trouble = Bounded.Run("cache-recover", () => records = engine.Recover(checkpoint), options.RecoveryTimeout);
        if (trouble is not null || engine.Device.Failure is not null)
        {
            LogMessages.BeginsEmpty(log, $"its recovery failed ({Describe(trouble ?? engine.Device.Failure!)})");
            GiveUp(engine);
            return null;
        }

        return CreateSession(taken, engine, records, isRecovered: true);
    }

    private StoreSession Begin(DirectoryLock taken)
    {
        files.Wipe(disk);
        return CreateSession(taken, new LogEngine(disk, files, geometry, resources, identity()), 0, isRecovered: false);
    }

    private StoreSession CreateSession(DirectoryLock taken, LogEngine engine, long records, bool isRecovered)
    {
        try
        {
            if (isRecovered)
            {
                disk.Delete(files.RecoveryMarker);
            }

            var damage = engine.DamagedBlocks;
            var evictor = new Evictor(engine, geometry, resources, counters, options, clock);
            var session = new StoreSession(disk, files, taken, options, engine, evictor, resources.Removals) { RecoveredEntries = records };
            session.FollowFreeSpace();
            evictor.Enforce();
            if (isRecovered && damage != 0)
            {
                LogMessages.DamageFound(log, damage);
                evictor.BeginSegment();
            }

            return session;
        }
        catch
        {
            // It is tried again and again: threads, files and memory of the log must not be left each time.
            GiveUp(engine);
            throw;
        }
    }

    private void GiveUp(LogEngine engine)
    {
        engine.Abandon();
        Bounded.Run("cache-close", engine.Dispose, options.ShutdownTimeout);
    }
}
