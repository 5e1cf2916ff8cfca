using System.Diagnostics.CodeAnalysis;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

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
