using System.Buffers.Binary;

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
    /// <summary>More than any description takes; a larger number in the file is damage.</summary>
    public const int MaximumSize = 24 * 1024;

    private const uint Magic = 0x4343_524F;
    private const uint Version = 2;
    private const int HeaderSize = 44;

    /// <summary>Writes the checkpoint.</summary>
    /// <exception cref="IOException">The disk refused; the one before is intact.</exception>
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

    /// <summary>Reads the checkpoint.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
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
