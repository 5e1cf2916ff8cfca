namespace OrthancCachePlugin.NativeHost.Tests.Toolchain;

/// <summary>A folder of its own, deleted in the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string FullPath { get; } = Directory.CreateTempSubdirectory("response-cache-host-").FullName;

    public string File(string name) => Path.Combine(FullPath, name);

    public void Dispose() => Directory.Delete(FullPath, recursive: true);
}
