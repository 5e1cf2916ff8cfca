using System.Buffers;
using OrthancCachePlugin.Core.Compression;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// An answer on its way to disk. Holds a reference to the core's answer, so that nothing is copied; compresses when it is written.
/// </summary>
internal sealed class PendingAnswer : PendingEntry
{
    /// <summary>Below this a frame costs more than it saves.</summary>
    private const int SmallestWorthCompressing = 128;

    private readonly byte[] _key;
    private readonly OriginAnswer _answer;
    private readonly long _lastModified;
    private readonly ICompressor _compressor;
    private readonly Flight? _flight;
    private readonly ServingCounters _counters;
    private int _isDisposed;

    /// <summary>Takes a reference of its own to <paramref name="answer"/>, and ends <paramref name="flight"/> once it is written.</summary>
    public PendingAnswer(
        ReadOnlySpan<byte> key, OriginAnswer answer, long createdAt, long lastModified, ICompressor compressor, Flight? flight,
        ServingCounters counters)
    {
        _counters = counters;
        _flight = flight;
        _key = key.ToArray();
        _answer = answer;
        _lastModified = lastModified;
        _compressor = compressor;
        CreatedAt = createdAt;
        answer.AddReference();
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<byte> Key => _key;

    /// <inheritdoc/>
    public override long CreatedAt { get; }

    /// <inheritdoc/>
    public override long Since => _answer.AskedAt;

    /// <inheritdoc/>
    public override int HeldBytes => _answer.Body.Length;

    /// <inheritdoc/>
    public override void Encode(IBufferWriter<byte> destination)
    {
        var counted = new CountingWriter(destination);
        Write(counted);
        _counters.Encoded(_answer.Body.Length, counted.Written);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _flight?.End();
            _answer.Dispose();
        }
    }

    private void Write(CountingWriter destination)
    {
        var isCompressed = _answer.Body.Length >= SmallestWorthCompressing && _answer.ContentEncoding.IsEmpty;
        StoredAnswer.WriteHead(_answer, _lastModified, isCompressed ? ContentCoding.Zstd : ContentCoding.Identity, destination);
        if (isCompressed)
        {
            _compressor.Compress(_answer.Body, destination);
        }
        else
        {
            destination.Write(_answer.Body);
        }
    }
}
