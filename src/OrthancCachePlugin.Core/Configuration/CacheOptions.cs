namespace OrthancCachePlugin.Core.Configuration;

/// <summary>The <c>ResponseCache</c> section of Orthanc's configuration, with its defaults.</summary>
public sealed record CacheOptions
{
    public bool Enable { get; init; } = true;

    /// <summary>Of the disk cache; created for Orthanc's user alone, as it has patient data.</summary>
    public string Directory { get; init; } = OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "Orthanc", "cache")
        : "/var/lib/orthanc/cache";

    /// <summary>MiB on disk at all times, everything included.</summary>
    public int MaximumSize { get; init; } = 1024;

    /// <summary>MiB of the hybrid log in memory.</summary>
    public int MemorySize { get; init; } = 64;

    public int ExpirationDays { get; init; } = 7;

    /// <summary>A literal <c>Cache-Control</c>; empty for ours.</summary>
    public string CacheControl { get; init; } = "";

    public bool WarmUp { get; init; } = true;

    public IReadOnlyList<string> WarmUpRoutes { get; init; } =
    [
        "instances-tags", "instances-tags?short", "instances-tags?simplify",
        "shared-tags", "shared-tags?short", "shared-tags?simplify",
        "attachments", "attachments?full",
    ];

    public int WarmUpThreads { get; init; } = 1;

    /// <summary>Routes that stay Orthanc's own, as <c>instances/file</c>.</summary>
    public IReadOnlyList<string> ExcludedRoutes { get; init; } = [];

    /// <summary>Whether archives are made here: <c>null</c> where the server can stream them.</summary>
    public bool? Archives { get; init; }

    /// <summary>Store rendered images and frames, too.</summary>
    public bool CacheBinaries { get; init; }

    /// <summary>Other Orthancs write to the same database.</summary>
    public bool SharedDatabase { get; init; }
}
