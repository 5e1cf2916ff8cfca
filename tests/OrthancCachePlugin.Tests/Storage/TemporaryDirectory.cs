namespace OrthancCachePlugin.Tests.Storage;

/// <summary>A directory that goes with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory() => Path = Directory.CreateTempSubdirectory("response-cache-test-").FullName;

    public string Path { get; }

    /// <summary>A path inside that does not exist yet.</summary>
    public string Store => System.IO.Path.Combine(Path, "store");

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // a test has removed it
        }
    }
}
