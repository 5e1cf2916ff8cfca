using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Tests.Fakes;
using OrthancCachePlugin.Tests.Storage;

namespace OrthancCachePlugin.Tests.Freshness;

public sealed class SettingsFileTests : IDisposable
{
    private static readonly Digest128 Settings = new(1, 2);
    private readonly TemporaryDirectory _folder = new();
    private readonly SettingsFile _file;

    public SettingsFileTests() => _file = new SettingsFile(_folder.Path, "settings", new MemoryStore());

    private string Path => System.IO.Path.Combine(_folder.Path, "settings.bin");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_was_written_is_read()
    {
        _file.TryRead(out _, out _).Should().BeFalse();
        _file.Write(new Digest128(7, 7), 1);
        _file.Write(Settings, 1676905200);

        _file.TryRead(out var fingerprint, out var since).Should().BeTrue();
        (fingerprint, since).Should().Be((Settings, 1676905200));
    }

    [Fact]
    public void Damage_is_as_if_nothing_was_there()
    {
        _file.Write(Settings, 1676905200);
        var bytes = File.ReadAllBytes(Path);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            File.WriteAllBytes(Path, bytes);
            _file.TryRead(out _, out _).Should().BeFalse();
            bytes[i] ^= 1;
        }

        File.WriteAllBytes(Path, bytes[..^1]);
        _file.TryRead(out _, out _).Should().BeFalse();
    }

    [Fact]
    public void It_goes_with_the_rest_and_is_no_strangers()
    {
        _file.Write(Settings, 1676905200);
        var files = new StoreFiles(_folder.Path);

        files.HasForeignEntries().Should().BeFalse();
        files.Wipe(LocalDisk.Instance);
        File.Exists(Path).Should().BeFalse();
    }
}
