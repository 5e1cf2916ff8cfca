using System.Buffers.Binary;
using FASTER.core;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>The one file that says what of the log is valid. Written beside itself, flushed, and put in place in one step.</summary>
/// <remarks>
/// <code>
/// offset  size  little endian
///      0     4  magic "ORCC"
///      4     4  version of this format: 2
///      8     8  fingerprint of the log's geometry and formats
///     16     8  identity of the store, part of every block's checksum
///     24    16  the log's own name of the checkpoint
///     40     4  bytes that follow
///     44     n  the log's own description of the checkpoint
///   44+n     4  checksum (see Checksum) of all of the above
/// </code>
/// </remarks>
internal static class CheckpointFile
{
    public const int MaximumSize = 24 * 1024; // more than any description takes; a larger number in the file is damage

    private const uint Magic = 0x4343_524F;
    private const uint Version = 2;
    private const int HeaderSize = 44;

    /// <summary>Throws where the disk refuses; the checkpoint before is intact then.</summary>
    public static void Write(IDisk disk, StoreFiles files, CheckpointData data)
    {
        using (var file = disk.OpenOrCreate(files.CheckpointDraft))
        {
            var bytes = Encode(data);
            if (bytes.Length > MaximumSize)
            {
                throw new IOException("The checkpoint is larger than expected.");
            }

            file.SetLength(0);
            file.Write(bytes, 0);
            file.Flush();
        }

        disk.Replace(files.CheckpointDraft, files.Checkpoint);
    }

    public static CheckpointStatus Read(IDisk disk, StoreFiles files, ulong fingerprint, out CheckpointData? data)
    {
        data = null;
        using var file = disk.OpenExisting(files.Checkpoint);
        if (file is null)
        {
            return CheckpointStatus.Missing;
        }

        var length = file.Length;
        if (length is < HeaderSize + 4 or > MaximumSize)
        {
            return CheckpointStatus.Damaged;
        }

        var bytes = new byte[length];
        return file.Read(bytes, 0) == length ? Decode(bytes, fingerprint, out data) : CheckpointStatus.Damaged;
    }

    internal static byte[] Encode(CheckpointData data)
    {
        var bytes = new byte[HeaderSize + data.Description.Length + 4];
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(span, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], Version);
        BinaryPrimitives.WriteUInt64LittleEndian(span[8..], data.Fingerprint);
        BinaryPrimitives.WriteUInt64LittleEndian(span[16..], data.StoreId);
        data.Token.TryWriteBytes(span[24..]);
        BinaryPrimitives.WriteInt32LittleEndian(span[40..], data.Description.Length);
        data.Description.CopyTo(span[HeaderSize..]);
        BinaryPrimitives.WriteUInt32LittleEndian(span[^4..], Checksum.Of(span[..^4]));
        return bytes;
    }

    internal static CheckpointStatus Decode(ReadOnlySpan<byte> bytes, ulong fingerprint, out CheckpointData? data)
    {
        data = null;
        if (bytes.Length < HeaderSize + 4 || BinaryPrimitives.ReadUInt32LittleEndian(bytes) != Magic)
        {
            return CheckpointStatus.Damaged;
        }

        // Before the checksum, which another version computes in another way.
        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) != Version)
        {
            return CheckpointStatus.OtherSettings;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) != Checksum.Of(bytes[..^4])
            || BinaryPrimitives.ReadInt32LittleEndian(bytes[40..]) != bytes.Length - HeaderSize - 4)
        {
            return CheckpointStatus.Damaged;
        }

        var read = new CheckpointData(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            new Guid(bytes.Slice(24, 16)),
            bytes[HeaderSize..^4].ToArray());
        if (read.Fingerprint != fingerprint)
        {
            return CheckpointStatus.OtherSettings;
        }

        data = read;
        return CheckpointStatus.Valid;
    }
}

internal sealed record CheckpointData(ulong Fingerprint, ulong StoreId, Guid Token, byte[] Description);

internal enum CheckpointStatus
{
    Valid,

    Missing,

    Damaged,

    OtherSettings, // whole, but of another format or of a log with other sizes
}

/// <summary>FASTER's checkpoint manager: keeps the last checkpoint in memory. The maintenance thread writes the file, because FASTER calls this from
/// any thread, a reader's among them.</summary>
internal sealed class CheckpointKeeper : ICheckpointManager
{
    private readonly Lock gate = new();
    private Guid token;
    private byte[]? description;

    public void Offer(Guid recoveredToken, byte[] recoveredDescription)
    {
        lock (gate)
        {
            token = recoveredToken;
            description = recoveredDescription;
        }
    }

    public bool TryGet(out Guid lastToken, out byte[] lastDescription)
    {
        lock (gate)
        {
            lastToken = token;
            lastDescription = description ?? [];
            return description is not null;
        }
    }

    public void CommitLogCheckpoint(Guid logToken, byte[] commitMetadata) => Offer(logToken, commitMetadata);

    public byte[]? GetLogCheckpointMetadata(Guid logToken, DeltaLog deltaLog, bool scanDelta = false, long recoverTo = -1) =>
        TryGet(out var last, out var found) && last == logToken ? found : null;

    public IEnumerable<Guid> GetLogCheckpointTokens() => TryGet(out var last, out _) ? [last] : [];

    public IEnumerable<Guid> GetIndexCheckpointTokens() => [];

    public byte[]? GetIndexCheckpointMetadata(Guid indexToken) => null;

    public IDevice? GetDeltaLogDevice(Guid token) => null;

    public IDevice GetIndexDevice(Guid indexToken) => throw new NotSupportedException();

    public IDevice GetSnapshotLogDevice(Guid token) => throw new NotSupportedException();

    public IDevice GetSnapshotObjectLogDevice(Guid token) => throw new NotSupportedException();

    public void InitializeIndexCheckpoint(Guid indexToken)
    {
    }

    public void InitializeLogCheckpoint(Guid logToken)
    {
    }

    public void CommitIndexCheckpoint(Guid indexToken, byte[] commitMetadata)
    {
    }

    public void CheckpointVersionShift(long oldVersion, long newVersion)
    {
    }

    public void CommitLogIncrementalCheckpoint(Guid logToken, long version, byte[] commitMetadata, DeltaLog deltaLog)
    {
    }

    public void OnRecovery(Guid indexToken, Guid logToken)
    {
    }

    public void Purge(Guid token)
    {
    }

    public void PurgeAll()
    {
    }

    public void Dispose()
    {
    }
}
