namespace OrthancCachePlugin.Core.Storage;

/// <summary>Selects keys by how they begin: with one of many prefixes of the same length, or all of them. Immutable.</summary>
public sealed class KeyPrefixes
{
    /// <summary>Selects every key.</summary>
    public static readonly KeyPrefixes All = new([[]]);

    private readonly byte[][] _sorted;
    private readonly int _length;

    /// <param name="prefixes">All of the same length; owned from here on. None of them selects nothing.</param>
    public KeyPrefixes(byte[][] prefixes)
    {
        _sorted = prefixes;
        _length = prefixes.Length == 0 ? 0 : prefixes[0].Length;
        Array.Sort(_sorted, (left, right) => left.AsSpan().SequenceCompareTo(right));
    }

    /// <summary>Selects what begins with one prefix; an empty one selects all.</summary>
    public static KeyPrefixes Of(ReadOnlySpan<byte> prefix) => prefix.IsEmpty ? All : new([prefix.ToArray()]);

    /// <summary>How many prefixes there are.</summary>
    public int Count => _sorted.Length;

    /// <summary>Whether nothing is left where these are removed.</summary>
    public bool AreAll => _length == 0 && _sorted.Length > 0;

    /// <summary>Whether a key is selected.</summary>
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
