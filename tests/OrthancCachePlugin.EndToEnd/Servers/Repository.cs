namespace OrthancCachePlugin.EndToEnd.Servers;

/// <summary>Where things are on this machine.</summary>
internal static class Repository
{
    /// <summary>The directory of the solution, found upwards from the test's own.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The library under test: <c>ORTHANC_CACHE_LIBRARY</c>, or what <c>build/library.sh</c> made.</summary>
    /// <exception cref="FileNotFoundException">It was not built. A test that needs it fails; none is skipped.</exception>
    public static string Library
    {
        get
        {
            var path = Environment.GetEnvironmentVariable("ORTHANC_CACHE_LIBRARY")
                ?? Path.Combine(Root, "artifacts", "linux-x64", "libOrthancResponseCache.so");
            return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is not there: run build/library.sh first.");
        }
    }

    /// <summary>
    /// <c>ORTHANC_CACHE_CHROOT</c>: the root of another Debian system whose Orthanc is to be tested, or an empty string for this system.
    /// </summary>
    public static string Chroot { get; } = (Environment.GetEnvironmentVariable("ORTHANC_CACHE_CHROOT") ?? "").TrimEnd('/');

    /// <summary>
    /// <c>ORTHANC_CACHE_SELF_TEST=1</c> leaves the library out of both servers: what then still differs is the tests' mistake. Tests
    /// of what the library adds fail, of course.
    /// </summary>
    public static bool SelfTest { get; } = Environment.GetEnvironmentVariable("ORTHANC_CACHE_SELF_TEST") == "1";

    private static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "OrthancCachePlugin.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
