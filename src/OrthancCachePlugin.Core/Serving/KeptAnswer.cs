using System.Buffers;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Memory;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// An answer that was found, in the coding in which it is to be sent, with whatever holds its bytes. Dispose gives that back.
/// </summary>
internal ref struct KeptAnswer
{
    /// <summary>Head of the answer, and its body where <see cref="Decoded"/> has none.</summary>
    public required StoredAnswer Stored { get; init; }

    /// <summary>Holder of the bytes, if it is the memory tier.</summary>
    public HotAnswer? Hot { get; init; }

    /// <summary>Holder of the bytes, if it is the store.</summary>
    public EntryLease? Lease { get; init; }

    /// <summary>A rented array with the decoded body.</summary>
    public byte[]? Decoded { get; init; }

    public readonly ContentCoding Coding => Decoded is null ? Stored.Coding : ContentCoding.Identity;

    public readonly ReadOnlySpan<byte> Body => Decoded is null ? Stored.Body : Decoded.AsSpan(0, Stored.DecodedSize);

    /// <summary>Gives the bytes back.</summary>
    public readonly void Dispose()
    {
        Hot?.Release();
        Lease?.Dispose();
        if (Decoded is not null)
        {
            ArrayPool<byte>.Shared.Return(Decoded);
        }
    }
}
