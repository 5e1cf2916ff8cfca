namespace OrthancCachePlugin.EndToEnd.Comparison;

/// <summary>Fails with the first few of what may be many.</summary>
internal static class Differences
{
    private const int Shown = 12;

    public static void AssertNone(IReadOnlyList<string> differences, OrthancServer server)
    {
        server.AssertHealthy();
        if (differences.Count > 0)
        {
            throw new Xunit.Sdk.XunitException($"{differences.Count} differences:\n{string.Join('\n', differences.Take(Shown))}");
        }
    }
}
