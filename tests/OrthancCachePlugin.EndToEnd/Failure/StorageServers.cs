using OrthancCachePlugin.EndToEnd.Dicom;

namespace OrthancCachePlugin.EndToEnd.Failure;

/// <summary>Two settled servers whose files can be taken away and spoiled: ours by tests, the bare one's never. Orthanc remembers no file.</summary>
public sealed class StorageServers : TwoServers
{
    public StorageServers(Action<OrthancSettings>? configure = null)
        : base(
            s =>
            {
                s.Configuration["MaximumStorageCacheSize"] = 0;
                configure?.Invoke(s);
            },
            upload: false)
    {
    }

    internal static DicomBuilder First { get; } = new(1, 1, 1, 1);

    internal static DicomBuilder Second { get; } = new(1, 1, 1, 2);

    /// <summary>Two instances of one series, and one of a patient whom no test asks for.</summary>
    public StorageServers WithTwo()
    {
        Upload(First.Build("first"));
        Upload(Second.Build("second"));
        return Settled();
    }

    /// <summary>What was uploaded so far is old enough to be stored.</summary>
    public StorageServers Settled()
    {
        Upload(new DicomBuilder(99, 1, 1, 1).Build("settles"));
        Settle();
        return this;
    }

    /// <summary>The file of an instance in the storage of our server.</summary>
    public string FileOf(string instance)
    {
        var uuid = Ours.Client.GetJson($"/instances/{instance}/attachments/dicom/info")["Uuid"]!.GetValue<string>();
        return Path.Combine(Ours.Home, "storage", uuid[..2], uuid[2..4], uuid);
    }

    /// <summary>Takes a file away until the end of a block.</summary>
    public IDisposable Without(string instance)
    {
        var file = FileOf(instance);
        File.Move(file, file + ".away");
        return new Undo(() => File.Move(file + ".away", file));
    }

    /// <summary>Lets a file hold something else until the end of a block.</summary>
    public IDisposable Spoiled(string instance, Func<byte[], byte[]> spoil)
    {
        var file = FileOf(instance);
        var whole = File.ReadAllBytes(file);
        File.WriteAllBytes(file, spoil(whole));
        return new Undo(() => File.WriteAllBytes(file, whole));
    }

    private sealed class Undo(Action action) : IDisposable
    {
        public void Dispose() => action();
    }
}
