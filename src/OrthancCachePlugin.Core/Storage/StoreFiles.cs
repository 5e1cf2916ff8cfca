using System.Globalization;
using System.Runtime.Versioning;
using System.Security.AccessControl;
using System.Security.Principal;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>The names below the directory of the store. Only these are ever deleted: a directory configured by mistake may hold files of
/// others.</summary>
internal sealed class StoreFiles(string directory)
{
    private const string SegmentPrefix = "segment-";
    private const string DataSuffix = ".log";
    private const string SidecarSuffix = ".crc";

    private static readonly string[] FixedNames =
    [
        "checkpoint.bin", "checkpoint.tmp", "recovering", "settings.bin", "settings.tmp", "archives.bin", "archives.tmp",
        "tags.bin", "tags.tmp",
    ];

    public string Directory { get; } = Path.GetFullPath(directory);

    public string Checkpoint => Path.Combine(Directory, "checkpoint.bin");

    public string CheckpointDraft => Path.Combine(Directory, "checkpoint.tmp");

    /// <summary>Exists while a recovery runs: found at a start, it says that the last one did not end.</summary>
    public string RecoveryMarker => Path.Combine(Directory, "recovering");

    public string Lock => Path.Combine(Directory, "lock");

    public string Owner => Path.Combine(Directory, "owner");

    public string Segment(long segment) => Path.Combine(Directory, Name(segment) + DataSuffix);

    public string Sidecar(long segment) => Path.Combine(Directory, Name(segment) + SidecarSuffix);

    public IReadOnlyList<long> ListSegments()
    {
        var segments = new SortedSet<long>();
        foreach (var path in System.IO.Directory.EnumerateFiles(Directory, SegmentPrefix + "*"))
        {
            if (TryParse(Path.GetFileName(path), out var segment))
            {
                segments.Add(segment);
            }
        }

        return [.. segments];
    }

    public bool IsComplete(long segment) => File.Exists(Segment(segment)) && File.Exists(Sidecar(segment));

    public bool HasData() => System.IO.Directory.Exists(Directory) && OurFiles().Any();

    public bool HasForeignEntries() =>
        System.IO.Directory.EnumerateFileSystemEntries(Directory).Any(path => !IsOurs(Path.GetFileName(path)) && path != Lock && path != Owner);

    public void Wipe(IDisk disk)
    {
        if (!System.IO.Directory.Exists(Directory))
        {
            return;
        }

        // The checkpoint goes first: without it nothing of the rest is ever read again, should this be interrupted.
        disk.Delete(Checkpoint);
        foreach (var path in OurFiles().ToList())
        {
            disk.Delete(path);
        }
    }

    /// <summary>Apparent size, rounded up to blocks: the allocated one is not known portably.</summary>
    public long BytesOnDisk()
    {
        long total = 0;
        foreach (var file in new DirectoryInfo(Directory).EnumerateFiles())
        {
            try
            {
                total += (file.Length + LogGeometry.BlockSize - 1) / LogGeometry.BlockSize * LogGeometry.BlockSize;
            }
            catch (FileNotFoundException)
            {
            }
        }

        return total;
    }

    private static bool IsOurs(string name) => FixedNames.Contains(name) || TryParse(name, out _);

    private static string Name(long segment) => SegmentPrefix + segment.ToString("D10", CultureInfo.InvariantCulture);

    private static bool TryParse(string name, out long segment)
    {
        segment = 0;
        var stem = name.EndsWith(DataSuffix, StringComparison.Ordinal) || name.EndsWith(SidecarSuffix, StringComparison.Ordinal)
            ? Path.GetFileNameWithoutExtension(name)
            : "";
        return stem.StartsWith(SegmentPrefix, StringComparison.Ordinal)
            && long.TryParse(stem.AsSpan(SegmentPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out segment);
    }

    private IEnumerable<string> OurFiles() =>
        System.IO.Directory.EnumerateFiles(Directory).Where(path => IsOurs(Path.GetFileName(path)));
}

/// <summary>Keeps a second process, or a second store of this one, away from the directory. <see cref="FileShare.None"/> is an exclusive <c>flock</c>
/// on Linux and an exclusively opened file on Windows; both end with the process, however it ends.</summary>
/// <remarks>File systems without <c>flock</c> (some network ones) give no lock and no error: do not share a directory there.</remarks>
internal sealed class DirectoryLock : IDisposable
{
    private readonly FileStream stream;
    private readonly byte[] mark;
    private readonly StoreFiles files;

    private DirectoryLock(FileStream stream, byte[] mark, StoreFiles files)
    {
        this.stream = stream;
        this.mark = mark;
        this.files = files;
    }

    /// <summary>Null where another has it; throws where the disk or its permissions refuse.</summary>
    public static DirectoryLock? TryTake(StoreFiles files, ulong mark)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        FileStream locked;
        try
        {
            locked = new FileStream(files.Lock, options);
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            return null;
        }

        try
        {
            var bytes = BitConverter.GetBytes(mark);
            options.Share = FileShare.ReadWrite | FileShare.Delete;
            using var owner = new FileStream(files.Owner, options);
            RandomAccess.Write(owner.SafeFileHandle, bytes, 0);
            return new DirectoryLock(locked, bytes, files);
        }
        catch
        {
            locked.Dispose();
            throw;
        }
    }

    /// <summary>Whether the directory is still the one that was locked: false once it was removed, or removed and made again, in which case the files
    /// of the store have no name any more.</summary>
    public bool IsInPlace()
    {
        try
        {
            // Not the lock file itself: .NET would want a shared lock on that.
            using var handle = File.OpenHandle(files.Owner, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> found = stackalloc byte[mark.Length];
            return RandomAccess.Read(handle, found, 0) == mark.Length && found.SequenceEqual(mark);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Dispose() => stream.Dispose();

    private static bool IsSharingViolation(IOException e) =>
        e.GetType() == typeof(IOException) && e.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);
}

[SupportedOSPlatform("windows")]
internal static class WindowsDirectory
{
    /// <summary>Mode 0700 for Windows: for the user of Orthanc, the system and administrators, nothing inherited, as every user may read below
    /// ProgramData. A directory that exists is left as it is.</summary>
    public static void Create(string path)
    {
        var directory = new DirectoryInfo(path);
        if (directory.Exists)
        {
            return;
        }

        directory.Parent?.Create();
        var security = new DirectorySecurity();
        security.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        using var user = WindowsIdentity.GetCurrent();
        foreach (var identity in (IdentityReference?[])[user.User, Known(WellKnownSidType.LocalSystemSid), Known(WellKnownSidType.BuiltinAdministratorsSid)])
        {
            if (identity is not null)
            {
                security.AddAccessRule(new FileSystemAccessRule(
                    identity, FileSystemRights.FullControl, InheritanceFlags.ContainerInherit | InheritanceFlags.ObjectInherit, PropagationFlags.None, AccessControlType.Allow));
            }
        }

        directory.Create(security);
    }

    private static SecurityIdentifier Known(WellKnownSidType type) => new(type, null);
}
