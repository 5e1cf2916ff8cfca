using System.Buffers;
using System.Buffers.Binary;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Tags;

/// <summary>
/// Tags of series on disk: a list of chunks under the number 0, and each chunk under its own. Keys begin with the series, so whatever removes
/// a series removes its tags. Thread-safe.
/// </summary>
/// <remarks>
/// Little endian. The list:
/// <code>
/// 2   "TL"
/// 1   format, 1
/// 1   c, size of the media type
/// 16  version of the series of which these are all instances
/// 2   number of chunks
/// c   media type
///     for each chunk: 16 its digest
/// </code>
/// A chunk:
/// <code>
/// 2   "TC"
/// 1   format, 1
/// 1   0
/// 4   number of documents
/// 4   bytes of text
///     for each document: 20 instance, 16 file, 4 bytes of text
///     one zstd frame (RFC 8878) of the texts
/// </code>
/// </remarks>
internal sealed class TagStore(IEntryStore store, ICompressor compressor, MemoryBudget memory, TimeProvider time)
{
    /// <summary>The code of a route that no request has; part of stored keys.</summary>
    public const byte Code = 40;

    private const byte Format = 1;

    /// <summary>A chunk that waits to be written takes no memory of its own; the queue of the store counts a part of it.</summary>
    private const int SharedMemory = 16;

    private const int ListHead = 22;
    private const int ChunkHead = 12;
    private const int DocumentSize = ResourceId.Size + Digest128.Size + sizeof(int);
    private const int KeySize = RequestKey.ResourcePrefixSize + 3 + Digest128.Size;

    public RemovalLog Removals => store.Removals;

    /// <summary>Whether the series was removed after the first of its texts was read.</summary>
    public bool WasRemoved(SeriesTags tags) => store.Removals.MayHaveRemoved(tags.Since, KeyOf(tags.Series, tags.Fingerprint, 0));

    /// <summary>Everything that is stored of a series; a chunk that is missing or another one than listed leaves the version unknown. The caller disposes of it.</summary>
    public SeriesTags? TryRead(ResourceId series, Digest128 fingerprint)
    {
        var since = store.Removals.Position;
        if (!store.TryRead(KeyOf(series, fingerprint, 0), out var list))
        {
            return null;
        }

        using (list)
        {
            var value = list.Value;
            if (value.Length < ListHead || !value.StartsWith("TL"u8) || value[2] != Format || value.Length < ListHead + value[3])
            {
                return null;
            }

            var count = BinaryPrimitives.ReadUInt16LittleEndian(value[20..]);
            var contentType = value.Slice(ListHead, value[3]).ToArray();
            var digests = value[(ListHead + value[3])..];
            if (digests.Length != count * Digest128.Size)
            {
                return null;
            }

            var chunks = new List<TagChunk>();
            var isWhole = true;
            for (var i = 0; i < count; i++)
            {
                if (TryReadChunk(series, fingerprint, i + 1) is { } chunk)
                {
                    isWhole &= chunk.Digest == Digest128.Read(digests[(i * Digest128.Size)..]);
                    chunks.Add(chunk);
                }
                else
                {
                    isWhole = false;
                }
            }

            return chunks.Count == 0
                ? null
                : new SeriesTags(series, fingerprint, contentType, [.. chunks]) { Version = isWhole ? Digest128.Read(value[4..]) : null, IsStored = isWhole, Since = since };
        }
    }

    /// <summary>Stores what is not stored yet. The references of the tags are its own.</summary>
    /// <returns>False where the store takes no more for now.</returns>
    public bool Write(SeriesTags tags, Digest128 version)
    {
        if (tags.Chunks.Count > ushort.MaxValue)
        {
            return true;
        }

        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        for (var i = 0; i < tags.Chunks.Count; i++)
        {
            var chunk = tags.Chunks[i];
            if (!chunk.IsStored)
            {
                var entry = new PendingTags(KeyOf(tags.Series, tags.Fingerprint, i + 1), now, tags.Since, chunk.Size / SharedMemory, w => WriteChunk(chunk, w), chunk.AddReference());
                if (!store.TryEnqueue(entry))
                {
                    return false;
                }

                chunk.IsStored = true;
            }
        }

        return store.TryEnqueue(new PendingTags(
            KeyOf(tags.Series, tags.Fingerprint, 0), now, tags.Since, ListHead + (tags.Chunks.Count * Digest128.Size), w => WriteList(tags, version, w), owner: null));
    }

    private static byte[] KeyOf(ResourceId series, Digest128 fingerprint, int number)
    {
        var key = new byte[KeySize];
        RequestKey.WriteResource(new Resource(ResourceLevel.Series, series), key);
        key[RequestKey.ResourcePrefixSize] = Code;
        BinaryPrimitives.WriteUInt16LittleEndian(key.AsSpan(RequestKey.ResourcePrefixSize + 1), (ushort)number);
        fingerprint.CopyTo(key.AsSpan(RequestKey.ResourcePrefixSize + 3));
        return key;
    }

    private static void WriteList(SeriesTags tags, Digest128 version, IBufferWriter<byte> destination)
    {
        var size = ListHead + tags.ContentType.Length + (tags.Chunks.Count * Digest128.Size);
        var value = destination.GetSpan(size)[..size];
        "TL"u8.CopyTo(value);
        value[2] = Format;
        value[3] = (byte)tags.ContentType.Length;
        version.CopyTo(value[4..]);
        BinaryPrimitives.WriteUInt16LittleEndian(value[20..], (ushort)tags.Chunks.Count);
        tags.ContentType.CopyTo(value[ListHead..]);
        for (var i = 0; i < tags.Chunks.Count; i++)
        {
            tags.Chunks[i].Digest.CopyTo(value[(ListHead + tags.ContentType.Length + (i * Digest128.Size))..]);
        }

        destination.Advance(size);
    }

    private void WriteChunk(TagChunk chunk, IBufferWriter<byte> destination)
    {
        var size = ChunkHead + (chunk.Documents.Count * DocumentSize);
        var value = destination.GetSpan(size)[..size];
        "TC"u8.CopyTo(value);
        value[2] = Format;
        value[3] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(value[4..], chunk.Documents.Count);
        BinaryPrimitives.WriteInt32LittleEndian(value[8..], chunk.Size);
        var rest = value[ChunkHead..];
        foreach (var document in chunk.Documents)
        {
            document.Instance.CopyTo(rest);
            document.File.CopyTo(rest[ResourceId.Size..]);
            BinaryPrimitives.WriteInt32LittleEndian(rest[(ResourceId.Size + Digest128.Size)..], document.Length);
            rest = rest[DocumentSize..];
        }

        destination.Advance(size);
        compressor.Compress(chunk.Texts, destination);
    }

    private TagChunk? TryReadChunk(ResourceId series, Digest128 fingerprint, int number)
    {
        if (!store.TryRead(KeyOf(series, fingerprint, number), out var lease))
        {
            return null;
        }

        using (lease)
        {
            var value = lease.Value;
            if (value.Length < ChunkHead || !value.StartsWith("TC"u8) || value[2] != Format)
            {
                return null;
            }

            var count = BinaryPrimitives.ReadInt32LittleEndian(value[4..]);
            var size = BinaryPrimitives.ReadInt32LittleEndian(value[8..]);
            if (count <= 0 || size <= 0 || count > (value.Length - ChunkHead) / DocumentSize)
            {
                return null;
            }

            var documents = new TagDocument[count];
            var end = 0L;
            var rest = value[ChunkHead..];
            for (var i = 0; i < count; i++)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(rest[(ResourceId.Size + Digest128.Size)..]);
                documents[i] = new TagDocument(ResourceId.Read(rest), Digest128.Read(rest[ResourceId.Size..]), (int)end, length);
                end += length;
                if (length <= 0 || end > size)
                {
                    return null;
                }

                rest = rest[DocumentSize..];
            }

            if (end != size || SharedBuffer.TryRent(size, memory) is not { } texts)
            {
                return null;
            }

            if (compressor.TryDecompress(rest, texts.Span))
            {
                return new TagChunk(texts, documents) { IsStored = true };
            }

            texts.Dispose();
            return null;
        }
    }

    private sealed class PendingTags(byte[] key, long createdAt, long since, int size, Action<IBufferWriter<byte>> write, IDisposable? owner) : PendingEntry
    {
        private IDisposable? _owner = owner;

        public override ReadOnlySpan<byte> Key => key;

        public override long CreatedAt => createdAt;

        public override long Since => since;

        public override int SizeInMemory => size;

        public override void Encode(IBufferWriter<byte> destination) => write(destination);

        protected override void Dispose(bool disposing) => Interlocked.Exchange(ref _owner, null)?.Dispose();
    }
}
