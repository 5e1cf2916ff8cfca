namespace OrthancCachePlugin.Core.Storage;

/// <summary>Which keys were removed and in what order, so that nothing that was read or computed before a removal is stored after it. Remembers the
/// last 10,000 prefixes; what is older counts as removed. Thread-safe.</summary>
public sealed class RemovalLog
{
    public const int MaximumPrefixes = 10_000;

    private readonly Lock _lock = new();
    private readonly Queue<(long Position, KeyPrefixes Keys)> _remembered = new();
    private long _position;
    private long _forgotten;
    private int _prefixes;

    public long Position => Interlocked.Read(ref _position); // to be noted before something is read or computed

    /// <summary>From now on, what was read or computed of these keys before is not stored.</summary>
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

/// <summary>Selects keys by one of many prefixes of the same length. One of length 0 selects all keys, none selects nothing. Immutable.</summary>
public sealed class KeyPrefixes
{
    public static readonly KeyPrefixes All = new([[]]);

    private readonly byte[][] _sorted;
    private readonly int _length;

    /// <summary>Owns the array from here on.</summary>
    public KeyPrefixes(byte[][] prefixes)
    {
        _sorted = prefixes;
        _length = prefixes.Length == 0 ? 0 : prefixes[0].Length;
        Array.Sort(_sorted, (left, right) => left.AsSpan().SequenceCompareTo(right));
    }

    public static KeyPrefixes Of(ReadOnlySpan<byte> prefix) => prefix.IsEmpty ? All : new([prefix.ToArray()]);

    public int Count => _sorted.Length;

    public bool AreAll => _length == 0 && _sorted.Length > 0;

    public bool Match(ReadOnlySpan<byte> key)
    {
        if (key.Length < _length)
        {
            return false;
        }

        var beginning = key[.._length];
        var low = 0;
        var high = _sorted.Length - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = _sorted[middle].AsSpan().SequenceCompareTo(beginning);
            if (order == 0)
            {
                return true;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return false;
    }
}
