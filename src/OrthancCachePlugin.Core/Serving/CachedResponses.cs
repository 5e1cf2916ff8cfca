using System.Buffers;
using System.Collections.Concurrent;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// Finds a response in memory or on disk in the coding that suits the client: the zstd frame goes out as it is stored, gzip is made
/// once in the background, and what is hot is decoded once. Thread-safe.
/// </summary>
/// <remarks>
/// What is stored compressed may be a thousand times larger once decoded, so decoded bodies have a budget of their own beside the store's for
/// what is read. One that is larger than the budget is decoded alone. Who waits for it longer than it is worth asks the origin.
/// </remarks>
/// <param name="store">Where answers are kept.</param>
/// <param name="compressor">Decodes them.</param>
/// <param name="lifetime">How long they may be served.</param>
/// <param name="decodedBytes">What decoded bodies may take at once, those of the memory tier included.</param>
internal sealed class CachedResponses(
    IEntryStore store, ICompressor compressor, TimeSpan lifetime, long decodedBytes = CachedResponses.MaximumDecodedBytes) : IDisposable
{
    /// <summary>Fixed overhead of memory, beside the store's own.</summary>
    public const int MemoryBytes = 24 << 20;

    /// <summary>Decoded bodies on their way to clients, and those that the memory tier holds.</summary>
    public const long MaximumDecodedBytes = 96 << 20;

    private const long MinimumWaitMicroseconds = 1_000_000;
    private const long MaximumWaitMicroseconds = 10_000_000;

    /// <summary>Below this a coding saves nothing on the wire.</summary>
    private const int SmallestWorthCoding = 1024;

    /// <summary>Above this, decoded bodies live in native memory.</summary>
    private const int LargestRented = 64 * 1024;

    /// <summary>How many large bodies are decoded at the same time, at most.</summary>
    private const int DecodedAtOnce = 16;

    private readonly long _lifetime = (long)lifetime.TotalMilliseconds;
    private readonly MemoryBudget _decoded = new(decodedBytes);
    private readonly MemoryTier _memory = new(MemoryBytes, store.Removals);
    private readonly Lock[] _decoding = [.. Enumerable.Range(0, DecodedAtOnce).Select(_ => new Lock())];

    /// <summary>Large bodies that were decoded last. Holds no reference: the last request that sends one frees its memory.</summary>
    private readonly MemoryEntry?[] _lent = new MemoryEntry?[DecodedAtOnce];
    private readonly ConcurrentDictionary<Digest128, bool> _gzipUnderWay = new();

    /// <summary>Bytes that the memory tier holds.</summary>
    public long HotBytes => _memory.Bytes;

    /// <summary>Answers in memory.</summary>
    public int HotEntries => _memory.Count;

    /// <summary>Bytes that decoded bodies take of their budget.</summary>
    public long DecodedBytes => _decoded.Used;

    /// <summary>Looks a response up.</summary>
    /// <param name="key">The whole key.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="wanted">The coding that the client likes best.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="response">The response, in that coding or as it is; the caller disposes of it.</param>
    public bool TryFind(ReadOnlySpan<byte> key, Digest128 digest, ContentCoding wanted, long now, out CachedResponse response)
    {
        if (TryFindInMemory(key, Of(digest, wanted), now, out response)
            || (wanted != ContentCoding.Identity && TryFindSmall(key, digest, now, out response))
            || (wanted == ContentCoding.Gzip && TryFindGzip(key, digest, out response)))
        {
            return true;
        }

        var since = store.Removals.Position;
        if (!store.TryRead(key, out var lease))
        {
            return false;
        }

        try
        {
            return TryUse(key, digest, wanted, now, since, lease, out response);
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Makes a response of what was read; the lease is in it, or given back.</summary>
    private bool TryUse(
        ReadOnlySpan<byte> key, Digest128 digest, ContentCoding wanted, long now, long since, EntryLease lease, out CachedResponse response)
    {
        response = default;
        if (!StoredResponse.TryRead(lease.Value, out var stored))
        {
            lease.Dispose();
            return false;
        }

        var isSmall = stored.DecodedSize < SmallestWorthCoding;
        if (wanted == ContentCoding.Gzip && !isSmall)
        {
            MakeGzip(key, digest, since, lease, stored);
        }

        if (stored.Coding == ContentCoding.Identity || (stored.Coding == wanted && !isSmall))
        {
            Warm(Of(digest, stored.Coding), key, since, lease);
            response = new CachedResponse(stored) { Lease = lease };
            return true;
        }

        return TryDecode(key, Of(digest, ContentCoding.Identity), now, since, lease, stored, out response);
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

    /// <summary>Forgets what memory holds of resources, and what is on its way there.</summary>
    public void Forget(KeyPrefixes keys)
    {
        store.Removals.Add(keys);
        _memory.Remove(keys);
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private static Digest128 Of(Digest128 digest, ContentCoding coding) => digest with { High = digest.High ^ (ulong)coding };

    private bool TryFindInMemory(ReadOnlySpan<byte> key, Digest128 digest, long now, out CachedResponse response)
    {
        response = default;
        var hot = _memory.Find(digest, key);
        if (hot is null)
        {
            return false;
        }

        if (!StoredResponse.TryRead(hot.Value, out var stored)
            || now - hot.CreatedAt >= _lifetime)
        {
            hot.Release();
            return false;
        }

        if (hot.CountUse() && store.TryRead(key, out var touched))
        {
            touched.Dispose(); // so that the store's eviction knows that the entry is in use
        }

        response = new CachedResponse(stored) { Hot = hot };
        return true;
    }

    /// <summary>A small response is kept hot as it is, whatever coding is wanted.</summary>
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
        if (key.Length >= EntryLimits.MaximumKeySize || !store.TryRead(Variant(key, variant), out var lease))
        {
            return false;
        }

        try
        {
            if (!StoredResponse.TryRead(lease.Value, out var stored) || stored.Coding != ContentCoding.Gzip)
            {
                lease.Dispose();
                return false;
            }

            Warm(Of(digest, ContentCoding.Gzip), key, since, lease);
            response = new CachedResponse(stored) { Lease = lease };
            return true;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    private bool TryDecode(
        ReadOnlySpan<byte> key, Digest128 digest, long now, long since, EntryLease lease, StoredResponse stored, out CachedResponse response)
    {
        var size = stored.Head.Length + stored.DecodedSize;
        var isHot = _memory.Wants(digest, size);
        if (!isHot && size <= LargestRented)
        {
            return TryDecodeToArray(lease, stored, out response);
        }

        // One decodes, the others send what it decoded: a body that is too large for the tier, as long as anybody is sending it. Nobody waits
        // for long where asking the origin takes no longer.
        var deadline = Deadline.After(TimeSpan.FromMicroseconds(
            Math.Clamp(stored.CostMicroseconds, MinimumWaitMicroseconds, MaximumWaitMicroseconds)));
        var decoding = _decoding[(int)(digest.Low % (ulong)_decoding.Length)];
        response = default;
        if (!decoding.TryEnter(deadline.Rest))
        {
            lease.Dispose();
            return false;
        }

        try
        {
            if (TryFindInMemory(key, digest, now, out response) || TryFindLent(digest, key, out response))
            {
                lease.Dispose();
                return true;
            }

            return TryDecodeToNative(key, digest, since, lease, stored, isHot, deadline.Rest, out response);
        }
        finally
        {
            decoding.Exit();
        }
    }

    private bool TryFindLent(Digest128 digest, ReadOnlySpan<byte> key, out CachedResponse response)
    {
        response = default;
        if (Lent(digest) is not { } lent || !lent.Is(digest, key) || !lent.TryAddReference())
        {
            return false;
        }

        if (!StoredResponse.TryRead(lent.Value, out var stored))
        {
            lent.Release();
            return false;
        }

        response = new CachedResponse(stored) { Hot = lent };
        return true;
    }

    /// <summary>The place for a body with this digest, which others share; only under the lock of the same number.</summary>
    private ref MemoryEntry? Lent(Digest128 digest) => ref _lent[(int)(digest.Low % (ulong)_lent.Length)];

    /// <summary>Native memory, for the tier or for one request: large arrays would stay in the pool of each thread that ever had one.</summary>
    private bool TryDecodeToNative(
        ReadOnlySpan<byte> key, Digest128 digest, long since, EntryLease lease, StoredResponse stored, bool isHot, TimeSpan timeout, out CachedResponse response)
    {
        response = default;
        var size = stored.Head.Length + stored.DecodedSize;
        var taken = Math.Min(size, Math.Max(decodedBytes - MemoryBytes, 0)); // the tier may hold its part for ever
        if (!_decoded.TryTake(taken, timeout))
        {
            lease.Dispose();
            return false;
        }

        MemoryEntry hot;
        try
        {
            hot = new MemoryEntry(digest, key, lease.CreatedAt, size, _decoded, taken) { Since = since };
        }
        catch (OutOfMemoryException)
        {
            _decoded.Give(taken);
            lease.Dispose();
            return false;
        }

        var isGiven = false;
        try
        {
            stored.CopyHead(ContentCoding.Identity, hot.Writable);
            if (!compressor.TryDecompress(stored.Body, hot.Writable[stored.Head.Length..]) || !StoredResponse.TryRead(hot.Value, out var decoded))
            {
                return false;
            }

            Lent(digest) = hot;
            if (isHot)
            {
                _memory.Add(hot);
            }

            response = new CachedResponse(decoded) { Hot = hot };
            isGiven = true;
            return true;
        }
        finally
        {
            lease.Dispose();
            if (!isGiven)
            {
                hot.Release();
            }
        }
    }

    private bool TryDecodeToArray(EntryLease lease, StoredResponse stored, out CachedResponse response)
    {
        var body = ArrayPool<byte>.Shared.Rent(stored.DecodedSize);
        var isDecoded = false;
        try
        {
            isDecoded = compressor.TryDecompress(stored.Body, body.AsSpan(0, stored.DecodedSize));
        }
        finally
        {
            if (!isDecoded)
            {
                ArrayPool<byte>.Shared.Return(body);
                lease.Dispose();
            }
        }

        response = isDecoded ? new CachedResponse(stored) { Lease = lease, Decoded = body } : default;
        return isDecoded;
    }

    /// <summary>Keeps a copy of the value in memory where it is asked for again and again.</summary>
    private void Warm(Digest128 digest, ReadOnlySpan<byte> key, long since, EntryLease lease)
    {
        if (_memory.Wants(digest, lease.Value.Length))
        {
            var hot = new MemoryEntry(digest, key, lease.CreatedAt, lease.Value.Length) { Since = since };
            try
            {
                lease.Value.CopyTo(hot.Writable);
                _memory.Add(hot);
            }
            finally
            {
                hot.Release();
            }
        }
    }

    private void MakeGzip(ReadOnlySpan<byte> key, Digest128 digest, long since, EntryLease lease, in StoredResponse stored)
    {
        if (stored.Coding != ContentCoding.Zstd || !stored.ContentEncoding.SequenceEqual("\0"u8)
            || key.Length >= EntryLimits.MaximumKeySize || !_gzipUnderWay.TryAdd(digest, true))
        {
            return;
        }

        try
        {
            Span<byte> variant = stackalloc byte[RequestKey.MaximumSize + 1];
            store.TryEnqueue(new PendingGzip(
                Variant(key, variant).ToArray(),
                lease.Value.ToArray(),
                lease.CreatedAt,
                since,
                compressor,
                () => _gzipUnderWay.TryRemove(digest, out _)));
        }
        catch
        {
            _gzipUnderWay.TryRemove(digest, out _);
            throw;
        }
    }

    /// <summary>The key under which the gzip variant is kept: one byte longer, so that it begins with the same resource.</summary>
    private static ReadOnlySpan<byte> Variant(ReadOnlySpan<byte> key, Span<byte> destination)
    {
        key.CopyTo(destination);
        destination[key.Length] = (byte)ContentCoding.Gzip;
        return destination[..(key.Length + 1)];
    }
}
