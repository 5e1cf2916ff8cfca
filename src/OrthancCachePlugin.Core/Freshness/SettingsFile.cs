using System.Buffers.Binary;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>Since when the settings of the server are what they are, in a file beside the log of the disk cache.</summary>
/// <remarks>
/// <code>
/// offset  size  little endian
///      0     4  magic "ORCS"
///      4     4  version of this format: 1
///      8    16  fingerprint of the settings
///     24     8  Unix time in seconds
///     32     4  checksum (see Checksum) of all of the above
/// </code>
/// </remarks>
public sealed class SettingsFile : ISettingsMemory
{
    private const uint Magic = 0x5343_524F;
    private const uint Version = 1;
    private const int Size = 36;

    private readonly IEntryStore _store;
    private readonly string _path;
    private readonly string _draft;
    private readonly LocalDisk _disk = LocalDisk.Instance;

    public SettingsFile(string directory, string name, IEntryStore store)
    {
        _store = store;
        _path = Path.Combine(directory, name + ".bin");
        _draft = Path.Combine(directory, name + ".tmp");
    }

    public bool IsOpen => _store.GetStatus().State == StoreState.Working;

    public bool TryRead(out Digest128 fingerprint, out long since)
    {
        fingerprint = default;
        since = 0;
        using var file = _disk.OpenExisting(_path);
        var bytes = new byte[Size];
        if (file is null || file.Length != Size || file.Read(bytes, 0) != Size
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(4)) != Version
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(Size - 4)) != Checksum.Of(bytes.AsSpan(0, Size - 4)))
        {
            return false;
        }

        fingerprint = Digest128.Read(bytes.AsSpan(8));
        since = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(24));
        return true;
    }

    public void Write(Digest128 fingerprint, long since)
    {
        var bytes = new byte[Size];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), Version);
        fingerprint.CopyTo(bytes.AsSpan(8));
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(24), since);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Size - 4), Checksum.Of(bytes.AsSpan(0, Size - 4)));
        using (var file = _disk.OpenOrCreate(_draft))
        {
            file.SetLength(0);
            file.Write(bytes, 0);
            file.Flush();
        }

        _disk.Replace(_draft, _path);
    }
}
