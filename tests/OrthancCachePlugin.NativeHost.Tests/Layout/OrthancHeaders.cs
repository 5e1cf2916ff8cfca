namespace OrthancCachePlugin.NativeHost.Tests.Layout;

/// <summary>The include folders with a header of Orthanc: that of orthanc-dev, and those of <c>ORTHANC_SDK_INCLUDES</c>.</summary>
internal static class OrthancHeaders
{
    private const string Variable = "ORTHANC_SDK_INCLUDES";

    public static IReadOnlyList<string> Folders { get; } = Find();

    private static List<string> Find()
    {
        string[] named = (Environment.GetEnvironmentVariable(Variable) ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string folder in named.Where(folder => !HasHeader(folder)))
        {
            throw new InvalidOperationException($"{Variable} names {folder}, which has no orthanc/OrthancCPlugin.h.");
        }

        return [.. new[] { "/usr/include", "/usr/local/include" }.Where(HasHeader).Concat(named)];
    }

    private static bool HasHeader(string folder) => File.Exists(Path.Combine(folder, "orthanc", "OrthancCPlugin.h"));
}
