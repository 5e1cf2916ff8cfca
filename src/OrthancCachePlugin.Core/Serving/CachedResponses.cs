using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>Finds a response in memory or on disk in the coding that suits the client: the zstd frame goes out as it is stored, gzip is made once in
/// the background, and what is asked for often is decoded once. Thread-safe.</summary>
/// <remarks>What is stored compressed may be a thousand times larger once decoded, so decoded bodies have a budget of their own beside the store's
/// for what is read. One that is larger than the budget is decoded alone. Who waits for it longer than it is worth asks the origin.</remarks>
internal sealed class CachedResponses(
    IEntryStore store, ICompressor compressor, TimeSpan lifetime, long decodedBytes = CachedResponses.MaximumDecodedBytes) : IDisposable
{
    public const int MemoryBytes = 24 << 20; // of the memory tier, beside the store's own

    public const long MaximumDecodedBytes = 96 << 20; // decoded bodies on their way to clients, and those in the memory tier

    private const long MinimumWaitMicroseconds = 1_000_000;
    private const long MaximumWaitMicroseconds = 10_000_000;

    private const int SmallestWorthCoding = 1024; // below this a coding saves nothing on the wire

    private const int LargestUncounted = 64 * 1024; // above this, decoded bodies are shared and counted

    private const int DecodedAtOnce = 16; // large bodies that are decoded at the same time, at most

    private readonly long _lifetime = (long)lifetime.TotalMilliseconds;
    private readonly MemoryBudget _decoded = new(decodedBytes);
    private readonly MemoryTier _memory = new(MemoryBytes, store.Removals);
    private readonly Lock[] _decoding = [.. Enumerable.Range(0, DecodedAtOnce).Select(_ => new Lock())];

    /// <summary>Large bodies that were decoded last, without a reference: the last request that sends one frees its memory.</summary>
    private readonly MemoryEntry?[] _beingSent = new MemoryEntry?[DecodedAtOnce];
    private readonly ConcurrentDictionary<Digest128, bool> _gzipUnderWay = new();

    public long BytesInMemory => _memory.Bytes;

    public int EntriesInMemory => _memory.Count;

    public long DecodedBytes => _decoded.Used;

    /// <summary>Finds a response in the wanted coding or as it is, which the caller disposes of. Time in Unix milliseconds.</summary>
    public bool TryFind(ReadOnlySpan<byte> key, Digest128 digest, ContentCoding wanted, long now, out CachedResponse response)
    {
        if (TryFindInMemory(key, Of(digest, wanted), now, out response)
            || (wanted != ContentCoding.Identity && TryFindSmall(key, digest, now, out response))
            || (wanted == ContentCoding.Gzip && TryFindGzip(key, digest, out response)))
        {
            return true;
        }

        var since = store.Removals.Position;
        if (!store.TryRead(key, out var entry))
        {
            return false;
        }

        using (entry)
        {
            if (!StoredResponse.TryRead(entry.Value, out var stored))
            {
                return false;
            }

            var isSmall = stored.DecodedSize < SmallestWorthCoding;
            if (wanted == ContentCoding.Gzip && !isSmall)
            {
                MakeGzip(key, digest, since, entry, stored);
            }

            if (stored.Coding != ContentCoding.Identity && (stored.Coding != wanted || isSmall))
            {
                return TryDecode(key, Of(digest, ContentCoding.Identity), now, since, entry.CreatedAt, stored, out response);
            }

            AddToMemory(Of(digest, stored.Coding), key, since, entry);
            response = new CachedResponse(stored, entry.Buffer.AddReference());
            return true;
        }
    }

    /// <summary>The coding in which <see cref="TryFind"/> would find a response; as it is where that finds none.</summary>
    public ContentCoding CodingOf(ReadOnlySpan<byte> key, Digest128 digest, ContentCoding wanted, long now)
    {
        // Where there is no gzip variant, the body would be decoded, which is in vain for a 304.
        var isFound = wanted == ContentCoding.Gzip
            ? TryFindInMemory(key, Of(digest, wanted), now, out var response) || TryFindGzip(key, digest, out response)
            : TryFind(key, digest, wanted, now, out response);
        if (!isFound)
        {
            return ContentCoding.Identity;
        }

        var coding = response.Coding;
        response.Dispose();
        return coding;
    }

    public void Forget(KeyPrefixes keys)
    {
        store.Removals.Add(keys);
        _memory.Remove(keys);
    }

    public void Dispose() => _memory.Dispose();

    private static Digest128 Of(Digest128 digest, ContentCoding coding) => digest with { High = digest.High ^ (ulong)coding };

    private bool TryFindInMemory(ReadOnlySpan<byte> key, Digest128 digest, long now, out CachedResponse response)
    {
        response = default;
        if (_memory.Find(digest, key) is not { } entry)
        {
            return false;
        }

        if (!StoredResponse.TryRead(entry.Buffer.Span, out var stored) || now - entry.CreatedAt >= _lifetime)
        {
            entry.Buffer.Dispose();
            return false;
        }

        if (entry.CountUse() && store.TryRead(key, out var touched))
        {
            touched.Dispose(); // so that the store's eviction knows that the entry is in use
        }

        response = new CachedResponse(stored, entry.Buffer);
        return true;
    }

    /// <summary>A small response is in memory as it is, whatever coding is wanted.</summary>
    private bool TryFindSmall(ReadOnlySpan<byte> key, Digest128 digest, long now, out CachedResponse response)
    {
        if (!TryFindInMemory(key, Of(digest, ContentCoding.Identity), now, out response))
        {
            return false;
        }

        if (response.Stored.DecodedSize < SmallestWorthCoding)
        {
            return true;
        }

        response.Dispose();
        return false;
    }

    private bool TryFindGzip(ReadOnlySpan<byte> key, Digest128 digest, out CachedResponse response)
    {
        response = default;
        Span<byte> variant = stackalloc byte[RequestKey.MaximumSize + 1];
        var since = store.Removals.Position;
        if (key.Length >= EntryLimits.MaximumKeySize || !store.TryRead(Variant(key, variant), out var entry))
        {
            return false;
        }

        using (entry)
        {
            if (!StoredResponse.TryRead(entry.Value, out var stored) || stored.Coding != ContentCoding.Gzip)
            {
                return false;
            }

            AddToMemory(Of(digest, ContentCoding.Gzip), key, since, entry);
            response = new CachedResponse(stored, entry.Buffer.AddReference());
            return true;
        }
    }

    private bool TryDecode(
        ReadOnlySpan<byte> key, Digest128 digest, long now, long since, long createdAt, StoredResponse stored, out CachedResponse response)
    {
        response = default;
        var size = stored.Head.Length + stored.DecodedSize;
        var isWanted = _memory.Wants(digest, size);
        if (!isWanted && size <= LargestUncounted)
        {
            return TryDecode(stored, new SharedBuffer(size), out response);
        }

        // One decodes, the others send what it decoded: a body that is too large for the tier, as long as anybody is sending it. Nobody waits
        // for long where asking the origin takes no longer.
        var deadline = Deadline.After(TimeSpan.FromMicroseconds(
            Math.Clamp(stored.CostMicroseconds, MinimumWaitMicroseconds, MaximumWaitMicroseconds)));
        var place = (int)(digest.Low % DecodedAtOnce);
        if (!_decoding[place].TryEnter(deadline.Rest))
        {
            return false;
        }

        try
        {
            if (TryFindInMemory(key, digest, now, out response) || TryFindBeingSent(place, digest, key, out response))
            {
                return true;
            }

            var taken = Math.Min(size, Math.Max(decodedBytes - MemoryBytes, 0)); // the tier may have its part for ever
            if (!_decoded.TryTake(taken, deadline.Rest))
            {
                return false;
            }

            var buffer = new SharedBuffer(size, _decoded, taken);
            if (!TryDecode(stored, buffer, out response))
            {
                return false;
            }

            var entry = new MemoryEntry(digest, key, createdAt, since, buffer);
            _beingSent[place] = entry;
            if (isWanted)
            {
                _memory.Add(entry);
            }

            return true;
        }
        catch (OutOfMemoryException)
        {
            response.Dispose();
            response = default;
            return false;
        }
        finally
        {
            _decoding[place].Exit();
        }
    }

    /// <summary>Decodes into a buffer, which is the response's then, or freed.</summary>
    private bool TryDecode(StoredResponse stored, SharedBuffer buffer, out CachedResponse response)
    {
        response = default;
        var isDecoded = false;
        try
        {
            stored.CopyHead(ContentCoding.Identity, buffer.Span);
            isDecoded = compressor.TryDecompress(stored.Body, buffer.Span[stored.Head.Length..]) && StoredResponse.TryRead(buffer.Span, out stored);
        }
        finally
        {
            if (!isDecoded)
            {
                buffer.Dispose();
            }
        }

        response = isDecoded ? new CachedResponse(stored, buffer) : default;
        return isDecoded;
    }

    private bool TryFindBeingSent(int place, Digest128 digest, ReadOnlySpan<byte> key, out CachedResponse response)
    {
        response = default;
        if (_beingSent[place] is not { } entry || !entry.Is(digest, key) || !entry.Buffer.TryAddReference())
        {
            return false;
        }

        if (!StoredResponse.TryRead(entry.Buffer.Span, out var stored))
        {
            entry.Buffer.Dispose();
            return false;
        }

        response = new CachedResponse(stored, entry.Buffer);
        return true;
    }

    private void AddToMemory(Digest128 digest, ReadOnlySpan<byte> key, long since, StoredEntry entry)
    {
        if (_memory.Wants(digest, entry.Value.Length))
        {
            using var copy = SharedBuffer.CopyOf(entry.Value);
            _memory.Add(new MemoryEntry(digest, key, entry.CreatedAt, since, copy));
        }
    }

    private void MakeGzip(ReadOnlySpan<byte> key, Digest128 digest, long since, StoredEntry entry, in StoredResponse stored)
    {
        if (stored.Coding != ContentCoding.Zstd || !stored.ContentEncoding.SequenceEqual("\0"u8)
            || key.Length >= EntryLimits.MaximumKeySize || !_gzipUnderWay.TryAdd(digest, true))
        {
            return;
        }

        SharedBuffer copy = default;
        try
        {
            copy = SharedBuffer.CopyOf(entry.Value);
            Span<byte> variant = stackalloc byte[RequestKey.MaximumSize + 1];
            store.TryEnqueue(new PendingGzip(
                Variant(key, variant).ToArray(), copy, entry.CreatedAt, since, compressor, () => _gzipUnderWay.TryRemove(digest, out _)));
        }
        catch
        {
            copy.Dispose();
            _gzipUnderWay.TryRemove(digest, out _);
            throw;
        }
    }

    /// <summary>The key of the gzip variant: one byte longer, so that it begins with the same resource.</summary>
    private static ReadOnlySpan<byte> Variant(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        key.CopyTo(destination);
        destination[key.Length] = (byte)ContentCoding.Gzip;
        return destination[..(key.Length + 1)];
    }
}

/// <summary>A response in the coding in which it is sent, with a reference to its bytes, which Dispose ends.</summary>
internal readonly ref struct CachedResponse(StoredResponse stored, SharedBuffer buffer)
{
    private readonly StoredResponse _stored = stored;

    [UnscopedRef]
    public ref readonly StoredResponse Stored => ref _stored;

    public ContentCoding Coding => _stored.Coding;

    public ReadOnlySpan<byte> Body => _stored.Body;

    public void Dispose() => buffer.Dispose();
}
