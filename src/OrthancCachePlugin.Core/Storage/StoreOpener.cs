using System.Runtime.InteropServices;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Opens the directory: takes the lock, recovers what an earlier process left, and begins empty where that cannot be trusted. A marker file
/// stands while the recovery runs, so that a recovery that took the process down is not tried again.</summary>
internal sealed class StoreOpener(
    IDisk disk, StoreOptions options, LogResources resources, StoreCounters counters, ILog log, TimeProvider clock, Func<ulong> identity)
{
    private readonly StoreFiles files = new(options.Directory);
    private readonly LogGeometry geometry = LogGeometry.From(options);

    /// <summary>Null with a reason in words for who runs the server. A wipe begins empty, whatever is there.</summary>
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

    /// <summary>Leaves the marker of a recovery that did not end, so that even another process begins empty, if the disk lets us.</summary>
    public void MarkForWipe()
    {
        try
        {
            using var marker = disk.OpenOrCreate(files.RecoveryMarker);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    public static string Describe(Exception e) => Trouble.Describe(e);

    /// <summary>0 where the directory cannot be read.</summary>
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

/// <summary>An exception in a few words for who runs the server. The library is published without the texts of the framework, whose messages are
/// their names then ("IO_PathNotFound_Path, /path"); the words of the system do instead.</summary>
internal static class Trouble
{
    private const int LargestErrorNumber = 4095;

    public static string Describe(Exception e) => e switch
    {
        UnauthorizedAccessException => "permission denied" + PathIn(e),
        DirectoryNotFoundException or FileNotFoundException => "no such file or directory" + PathIn(e),
        TimeoutException => e.Message.Length > 0 && !IsName(e.Message) ? e.Message : "the disk does not answer in time",
        IOException { HResult: > 0 and <= LargestErrorNumber } => Marshal.GetPInvokeErrorMessage(e.HResult) + PathIn(e),
        IOException => IsName(e.Message) ? "the disk fails" + PathIn(e) : e.Message,
        _ => e.GetType().Name,
    };

    private static bool IsName(string message) => message.Contains('_', StringComparison.Ordinal) && !message.Split(',', 2)[0].Contains(' ', StringComparison.Ordinal);

    private static string PathIn(Exception e)
    {
        var start = e.Message.IndexOf('/', StringComparison.Ordinal);
        return start < 0 ? "" : $" ({e.Message[start..].TrimEnd('.', '\'', ' ')})";
    }
}
