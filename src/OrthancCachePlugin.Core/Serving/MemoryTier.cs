using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// A small tier in memory above the store, for answers that are asked for again and again: found without a lock, sent without a copy.
/// Second-chance eviction (CLOCK) under a hard bound in bytes; a response is let in when it is asked for a second time, so that a scan
/// through the archive does not wash it out.
/// </summary>
internal sealed class MemoryTier : IDisposable
{
    private const int Slots = 1 << 12;
    private const int Ways = 4;
    private const int Doors = 1 << 10;

    private readonly MemoryEntry?[] _slots = new MemoryEntry?[Slots];
    private readonly ulong[] _doorkeeper = new ulong[Doors];
    private readonly Lock _lock = new();
    private readonly RemovalLog _removals;
    private readonly long _maximumBytes;
    private readonly int _largest;
    private long _bytes;
    private int _hand;
    private bool _isClosed;

    /// <param name="maximumBytes">The bound on all values together.</param>
    /// <param name="removals">Where a removal is logged before it is done here.</param>
    public MemoryTier(long maximumBytes, RemovalLog removals)
    {
        _removals = removals;
        _maximumBytes = maximumBytes;
        _largest = (int)Math.Min(int.MaxValue, maximumBytes / 2);
    }

    /// <summary>Bytes of all values.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>How many there are, counted now.</summary>
    public int Count
    {
        get
        {
            var count = 0;
            foreach (var slot in _slots)
            {
                count += slot is null ? 0 : 1;
            }

            return count;
        }
    }

    /// <summary>Finds a response.</summary>
    /// <returns>With a reference that the caller releases; null where there is none.</returns>
    public MemoryEntry? Find(Digest128 digest, ReadOnlySpan<byte> key)
    {
        var first = SetOf(digest);
        for (var i = first; i < first + Ways; i++)
        {
            var response = Volatile.Read(ref _slots[i]);
            if (response is not null && response.Is(digest, key) && response.TryAddReference())
            {
                return response;
            }
        }

        return null;
    }

    /// <summary>Whether a response of this size deserves a place: it was asked for before, not long ago.</summary>
    public bool Wants(Digest128 digest, int size)
    {
        if (size > _largest)
        {
            return false;
        }

        ref var door = ref _doorkeeper[(int)(digest.High & (Doors - 1))];
        var isKnown = Volatile.Read(ref door) == digest.Low;
        Volatile.Write(ref door, digest.Low);
        return isKnown;
    }

    /// <summary>
    /// Gives a response a place, unless it was removed since it was read; the tier takes a reference of its own, if it takes it at all.
    /// </summary>
    public void Add(MemoryEntry response)
    {
        lock (_lock)
        {
            if (_isClosed || _removals.MayHaveRemoved(response.Since, response.Key) || !response.TryAddReference())
            {
                return;
            }

            while (_bytes + response.Size > _maximumBytes && EvictOne())
            {
            }

            var first = SetOf(response.Digest);
            var slot = first;
            for (var i = first; i < first + Ways; i++)
            {
                if (_slots[i] is null || _slots[i]!.Is(response.Digest, response.Key))
                {
                    slot = i;
                    break;
                }

                slot = _slots[slot] is { WasUsed: true } && !_slots[i]!.WasUsed ? i : slot;
            }

            Replace(slot, response);
        }
    }

    /// <summary>Removes all responses of some resources.</summary>
    public void Remove(KeyPrefixes keys)
    {
        lock (_lock)
        {
            for (var i = 0; i < Slots; i++)
            {
                if (_slots[i] is { } response && keys.Match(response.Key))
                {
                    Replace(i, null);
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        Remove(KeyPrefixes.All);
    }

    private static int SetOf(Digest128 digest) => (int)(digest.Low & (Slots - 1)) & ~(Ways - 1);

    /// <summary>One turn of the clock's hand at most twice around.</summary>
    private bool EvictOne()
    {
        for (var i = 0; i < 2 * Slots; i++)
        {
            _hand = (_hand + 1) & (Slots - 1);
            if (_slots[_hand] is { } response)
            {
                if (!response.WasUsed)
                {
                    Replace(_hand, null);
                    return true;
                }

                response.WasUsed = false;
            }
        }

        return false;
    }

    private void Replace(int slot, MemoryEntry? response)
    {
        var old = Interlocked.Exchange(ref _slots[slot], response);
        Interlocked.Add(ref _bytes, (response?.Size ?? 0) - (long)(old?.Size ?? 0));
        old?.Release();
    }
}
