using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>A response in the coding in which it is sent, with the holder of its bytes, which Dispose gives back.</summary>
internal readonly ref struct CachedResponse(StoredResponse stored)
{
    private readonly StoredResponse _stored = stored;

    /// <summary>Head of the response, and its body where <see cref="Decoded"/> has none.</summary>
    [UnscopedRef]
    public ref readonly StoredResponse Stored => ref _stored;

    /// <summary>From the memory tier.</summary>
    public MemoryEntry? Hot { get; init; }

    /// <summary>From the store.</summary>
    public EntryLease? Lease { get; init; }

    /// <summary>A rented array with the decoded body.</summary>
    public byte[]? Decoded { get; init; }

    public ContentCoding Coding => Decoded is null ? _stored.Coding : ContentCoding.Identity;

    public ReadOnlySpan<byte> Body => Decoded is null ? _stored.Body : Decoded.AsSpan(0, _stored.DecodedSize);

    public void Dispose()
    {
        Hot?.Release();
        Lease?.Dispose();
        if (Decoded is not null)
        {
            ArrayPool<byte>.Shared.Return(Decoded);
        }
    }
}
