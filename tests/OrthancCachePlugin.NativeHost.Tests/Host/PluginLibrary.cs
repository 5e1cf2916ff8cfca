using OrthancCachePlugin.NativeHost.Tests.Toolchain;

namespace OrthancCachePlugin.NativeHost.Tests.Host;

/// <summary>The library under test: <c>RESPONSE_CACHE_LIBRARY</c>, or the one that a build leaves in <c>artifacts</c>.</summary>
internal static class PluginLibrary
{
    private const string Variable = "RESPONSE_CACHE_LIBRARY";

    /// <exception cref="FileNotFoundException">It has not been built: a test without it would show nothing.</exception>
    public static string Path
    {
        get
        {
            string path = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
                ? System.IO.Path.GetFullPath(named)
                : Repository.PathTo("artifacts", "linux-x64", "libOrthancResponseCache.so");
            return File.Exists(path)
                ? path
                : throw new FileNotFoundException($"No library at {path}: build it (build/library.sh), or name it in {Variable}.");
        }
    }
}
