namespace OrthancCachePlugin.Core.Configuration;

/// <summary>The <c>ResponseCache</c> section of Orthanc's configuration, with its defaults.</summary>
public sealed record CacheOptions
{
    public bool Enable { get; init; } = true;

    /// <summary>Of the disk cache; created for Orthanc's user alone, as it has patient data.</summary>
    public string Directory { get; init; } = OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "Orthanc", "cache")
        : "/var/lib/orthanc/cache";

    public int MaximumSize { get; init; } = 1024; // MiB on disk at all times, everything included

    public int MemorySize { get; init; } = 64; // MiB of the hybrid log in memory

    public int ExpirationDays { get; init; } = 7;

    public string CacheControl { get; init; } = "";

    public bool WarmUp { get; init; } = true;

    public IReadOnlyList<string> WarmUpRoutes { get; init; } =
    [
        "instances-tags", "instances-tags?short", "instances-tags?simplify",
        "shared-tags", "shared-tags?short", "shared-tags?simplify",
        "attachments", "attachments?full",
    ];

    public int WarmUpThreads { get; init; } = 1;

    public IReadOnlyList<string> ExcludedRoutes { get; init; } = [];

    /// <summary>Whether archives are made here: <c>null</c> where the server can stream them.</summary>
    public bool? Archives { get; init; }

    public bool CacheBinaries { get; init; } // store rendered images and frames, too

    public bool SharedDatabase { get; init; } // other Orthancs write to the same database
}
