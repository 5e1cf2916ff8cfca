using System.Buffers;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>A response on its way to disk. Holds a reference to the origin's response, so that nothing is copied; compresses when it is
/// written.</summary>
internal sealed class PendingResponse : PendingEntry
{
    private const int SmallestWorthCompressing = 128; // below this a frame costs more than it saves

    private readonly byte[] _key;
    private readonly OriginResponse _response;
    private readonly long _lastModified;
    private readonly ICompressor _compressor;
    private readonly Flight? _flight;
    private readonly ServingCounters _counters;
    private int _isDisposed;

    /// <summary>Takes a reference of its own to <paramref name="response"/>, and ends <paramref name="flight"/> once it is written.</summary>
    public PendingResponse(
        ReadOnlySpan<byte> key, OriginResponse response, long createdAt, long lastModified, ICompressor compressor, Flight? flight,
        ServingCounters counters)
    {
        _counters = counters;
        _flight = flight;
        _key = key.ToArray();
        _response = response;
        _lastModified = lastModified;
        _compressor = compressor;
        CreatedAt = createdAt;
        response.AddReference();
    }

    public override ReadOnlySpan<byte> Key => _key;

    public override long CreatedAt { get; }

    public override long Since => _response.AskedAt;

    public override int SizeInMemory => _response.Body.Length;

    public override void Encode(IBufferWriter<byte> destination)
    {
        var counted = new CountingWriter(destination);
        Write(counted);
        _counters.Encoded(_response.Body.Length, counted.Written);
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _flight?.End();
            _response.Dispose();
        }
    }

    private void Write(CountingWriter destination)
    {
        var isCompressed = _response.Body.Length >= SmallestWorthCompressing && _response.ContentEncoding.IsEmpty;
        StoredResponse.WriteHead(_response, _lastModified, isCompressed ? ContentCoding.Zstd : ContentCoding.Identity, destination);
        if (isCompressed)
        {
            _compressor.Compress(_response.Body, destination);
        }
        else
        {
            destination.Write(_response.Body);
        }
    }
}

/// <summary>The gzip variant of a stored response, made once on a writer's thread for the clients that take gzip and not zstd.</summary>
internal sealed class PendingGzip(byte[] key, SharedBuffer value, long createdAt, long since, ICompressor compressor, Action whenDone) : PendingEntry
{
    public override ReadOnlySpan<byte> Key => key;

    public override long CreatedAt => createdAt;

    public override long Since => since;

    public override int SizeInMemory { get; } = value.Span.Length;

    public override void Encode(IBufferWriter<byte> destination)
    {
        if (!StoredResponse.TryRead(value.Span, out var stored))
        {
            throw new InvalidDataException("Not a stored response.");
        }

        using var body = new SharedBuffer(stored.DecodedSize);
        if (!compressor.TryDecompress(stored.Body, body.Span))
        {
            throw new InvalidDataException("Not a zstd frame.");
        }

        stored.CopyHead(ContentCoding.Gzip, destination.GetSpan(stored.Head.Length));
        destination.Advance(stored.Head.Length);
        Gzip.Compress(body.Span, destination);
    }

    protected override void Dispose(bool disposing)
    {
        value.Dispose();
        whenDone();
    }
}
