namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Which keys were removed and in what order, so that nothing that was read or computed before a removal is kept behind it: whoever reads or
/// computes notes the position first, and whoever keeps asks whether the key was removed since. Thread-safe.
/// </summary>
/// <remarks>
/// The last <see cref="MaximumPrefixes"/> prefixes are remembered, half a megabyte of them. What is older than those counts as removed,
/// whatever its key.
/// </remarks>
public sealed class RemovalLog
{
    /// <summary>How many prefixes of keys are remembered.</summary>
    public const int MaximumPrefixes = 10_000;

    private readonly Lock _lock = new();
    private readonly Queue<(long Position, KeyPrefixes Keys)> _remembered = new();
    private long _position;
    private long _forgotten;
    private int _prefixes;

    /// <summary>How many removals were logged so far; to be noted before something is read or computed.</summary>
    public long Position => Interlocked.Read(ref _position);

    /// <summary>Logs a removal: whatever had been read or computed of these keys before is not to be kept from now on.</summary>
    public void Add(KeyPrefixes keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        lock (_lock)
        {
            var position = Interlocked.Increment(ref _position);
            _remembered.Enqueue((position, keys));
            _prefixes += keys.Count;
            while (_prefixes > MaximumPrefixes)
            {
                var (oldest, its) = _remembered.Dequeue();
                _prefixes -= its.Count;
                _forgotten = oldest;
            }
        }
    }

    /// <summary>Whether a key may have been removed since a position.</summary>
    public bool MayHaveRemoved(long since, ReadOnlySpan<byte> key)
    {
        if (since >= Position)
        {
            return false;
        }

        lock (_lock)
        {
            if (since < _forgotten)
            {
                return true;
            }

            foreach (var (position, keys) in _remembered)
            {
                if (position > since && keys.Match(key))
                {
                    return true;
                }
            }

            return false;
        }
    }
}
