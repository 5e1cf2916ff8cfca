using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Tags;

/// <summary>The tags of the series that were used last, for a few seconds. Thread-safe.</summary>
/// <param name="maximum">Bytes of text.</param>
/// <param name="lifetime">After the last use.</param>
/// <param name="time">The clock.</param>
internal sealed class RecentTags(long maximum, TimeSpan lifetime, TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly LinkedList<Entry> _entries = new(); // the one used last first
    private ITimer? _timer;
    private long _bytes;
    private bool _isDisposed;

    /// <summary>The caller disposes of what is found.</summary>
    public SeriesTags? Find(ResourceId series, Digest128 fingerprint)
    {
        lock (_lock)
        {
            for (var node = _entries.First; node is not null; node = node.Next)
            {
                if (node.Value.Tags.Series == series && node.Value.Tags.Fingerprint == fingerprint && node.Value.Tags.TryAddReference())
                {
                    Touch(node);
                    return node.Value.Tags;
                }
            }

            return null;
        }
    }

    /// <summary>The text of one instance; the caller disposes of the series.</summary>
    public bool TryFind(ResourceId instance, Digest128 fingerprint, Digest128 file, out SeriesTags series, out TagChunk chunk, out TagDocument document)
    {
        lock (_lock)
        {
            for (var node = _entries.First; node is not null; node = node.Next)
            {
                series = node.Value.Tags;
                if (series.Fingerprint == fingerprint && series.TryFind(instance, file, out chunk, out document) && series.TryAddReference())
                {
                    Touch(node);
                    return true;
                }
            }
        }

        (series, chunk, document) = (null!, null!, default);
        return false;
    }

    public void Add(SeriesTags tags)
    {
        lock (_lock)
        {
            if (_isDisposed || !tags.TryAddReference())
            {
                return;
            }

            for (var node = _entries.First; node is not null; node = node.Next)
            {
                if (node.Value.Tags.Series == tags.Series && node.Value.Tags.Fingerprint == tags.Fingerprint)
                {
                    Remove(node);
                    break;
                }
            }

            _entries.AddFirst(new Entry(tags) { UsedAt = time.GetTimestamp() });
            _bytes += tags.Size;
            while (_bytes > maximum && _entries.Count > 1)
            {
                Remove(_entries.Last!);
            }

            _timer ??= time.CreateTimer(_ => RemoveOld(), null, lifetime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Forget(KeyPrefixes keys)
    {
        Span<byte> key = stackalloc byte[RequestKey.ResourcePrefixSize];
        lock (_lock)
        {
            for (var node = _entries.First; node is not null;)
            {
                var next = node.Next;
                RequestKey.WriteResource(new Resource(ResourceLevel.Series, node.Value.Tags.Series), key);
                if (keys.Match(key))
                {
                    Remove(node);
                }

                node = next;
            }
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            while (_entries.Last is { } last)
            {
                Remove(last);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }

        Clear();
    }

    private void RemoveOld()
    {
        lock (_lock)
        {
            while (_entries.Last is { } last && time.GetElapsedTime(last.Value.UsedAt) >= lifetime)
            {
                Remove(last);
            }

            _timer?.Dispose();
            _timer = _entries.Count == 0 || _isDisposed ? null : time.CreateTimer(_ => RemoveOld(), null, lifetime, Timeout.InfiniteTimeSpan);
        }
    }

    private void Touch(LinkedListNode<Entry> node)
    {
        node.Value.UsedAt = time.GetTimestamp();
        _entries.Remove(node);
        _entries.AddFirst(node);
    }

    private void Remove(LinkedListNode<Entry> node)
    {
        _entries.Remove(node);
        _bytes -= node.Value.Tags.Size;
        node.Value.Tags.Dispose();
    }

    private sealed class Entry(SeriesTags tags)
    {
        public SeriesTags Tags => tags;

        public long UsedAt { get; set; }
    }
}
