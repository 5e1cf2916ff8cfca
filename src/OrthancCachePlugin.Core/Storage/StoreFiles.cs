using System.Globalization;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// The names below the store's directory. Only files with these names are ever deleted, because a directory that was configured by
/// mistake may hold somebody else's.
/// </summary>
internal sealed class StoreFiles(string directory)
{
    private const string SegmentPrefix = "segment-";
    private const string DataSuffix = ".log";
    private const string SidecarSuffix = ".crc";

    private static readonly string[] FixedNames = ["checkpoint.bin", "checkpoint.tmp", "recovering", "settings.bin", "settings.tmp", "archives.bin", "archives.tmp"];

    public string Directory { get; } = Path.GetFullPath(directory);

    public string Checkpoint => Path.Combine(Directory, "checkpoint.bin");

    public string CheckpointDraft => Path.Combine(Directory, "checkpoint.tmp");

    /// <summary>Since when the server's settings are what they are.</summary>
    public string Settings => Path.Combine(Directory, "settings.bin");

    public string SettingsDraft => Path.Combine(Directory, "settings.tmp");

    /// <summary>Exists while a recovery runs: found at a start, it says that the last recovery did not end.</summary>
    public string RecoveryMarker => Path.Combine(Directory, "recovering");

    /// <summary>Locked as long as a store is open.</summary>
    public string Lock => Path.Combine(Directory, "lock");

    /// <summary>Holds the mark of the store that has the lock.</summary>
    public string Owner => Path.Combine(Directory, "owner");

    public string Segment(long segment) => Path.Combine(Directory, Name(segment) + DataSuffix);

    public string Sidecar(long segment) => Path.Combine(Directory, Name(segment) + SidecarSuffix);

    /// <summary>The numbers of the segments of which there is anything, in order.</summary>
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

    /// <summary>Whether a segment has both of its files.</summary>
    public bool IsComplete(long segment) => File.Exists(Segment(segment)) && File.Exists(Sidecar(segment));

    /// <summary>Whether there is anything of ours, the lock aside.</summary>
    public bool HasData() => System.IO.Directory.Exists(Directory) && OurFiles().Any();

    /// <summary>Whether the directory holds names that are not ours.</summary>
    public bool HasForeignEntries() =>
        System.IO.Directory.EnumerateFileSystemEntries(Directory).Any(path => !IsOurs(Path.GetFileName(path)) && path != Lock && path != Owner);

    /// <summary>Deletes all files of ours but the lock.</summary>
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

    /// <summary>The larger of apparent and allocated size is not known portably; this is the apparent size, rounded up to blocks.</summary>
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
                // dropped between the two looks
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
