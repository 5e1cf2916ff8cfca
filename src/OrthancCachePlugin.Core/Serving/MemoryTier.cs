using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>A small tier in memory above the store for responses that are asked for often: found without a lock, sent without a copy. CLOCK eviction
/// under a hard bound in bytes; a response is admitted when it is asked for a second time, so that a scan does not wash the tier out.</summary>
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

    /// <summary>The bound is on all values together; a removal is logged before it is done here.</summary>
    public MemoryTier(long maximumBytes, RemovalLog removals)
    {
        _removals = removals;
        _maximumBytes = maximumBytes;
        _largest = (int)Math.Min(int.MaxValue, maximumBytes / 2);
    }

    public long Bytes => Interlocked.Read(ref _bytes);

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

    /// <summary>With a reference to its buffer that the caller disposes of; null where there is none.</summary>
    public MemoryEntry? Find(Digest128 digest, ReadOnlySpan<byte> key)
    {
        var first = SetOf(digest);
        for (var i = first; i < first + Ways; i++)
        {
            var entry = Volatile.Read(ref _slots[i]);
            if (entry is not null && entry.Is(digest, key) && entry.Buffer.TryAddReference())
            {
                return entry;
            }
        }

        return null;
    }

    /// <summary>Whether a response of this size was asked for before, not long ago.</summary>
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

    /// <summary>Takes a reference of its own, unless the entry was removed since it was read.</summary>
    public void Add(MemoryEntry entry)
    {
        lock (_lock)
        {
            if (_isClosed || _removals.MayHaveRemoved(entry.Since, entry.Key) || !entry.Buffer.TryAddReference())
            {
                return;
            }

            while (_bytes + entry.Size > _maximumBytes && EvictOne())
            {
            }

            var first = SetOf(entry.Digest);
            var slot = first;
            for (var i = first; i < first + Ways; i++)
            {
                if (_slots[i] is null || _slots[i]!.Is(entry.Digest, entry.Key))
                {
                    slot = i;
                    break;
                }

                slot = _slots[slot] is { WasUsed: true } && !_slots[i]!.WasUsed ? i : slot;
            }

            Replace(slot, entry);
        }
    }

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

    public void Dispose()
    {
        lock (_lock)
        {
            _isClosed = true;
        }

        Remove(KeyPrefixes.All);
    }

    private static int SetOf(Digest128 digest) => (int)(digest.Low & (Slots - 1)) & ~(Ways - 1);

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

    private void Replace(int slot, MemoryEntry? entry)
    {
        var old = Interlocked.Exchange(ref _slots[slot], entry);
        Interlocked.Add(ref _bytes, (entry?.Size ?? 0) - (long)(old?.Size ?? 0));
        old?.Buffer.Dispose();
    }
}

/// <summary>A response in memory, in one coding; the digest is that of the key and the coding.</summary>
internal sealed class MemoryEntry(Digest128 digest, ReadOnlySpan<byte> key, long createdAt, long since, SharedBuffer buffer)
{
    private int _uses;

    public Digest128 Digest => digest;

    /// <summary>Compared in full: who can choose two keys with one digest must not get the other's response.</summary>
    public byte[] Key { get; } = key.ToArray();

    public long CreatedAt => createdAt;

    public long Since => since; // the position in the log of removals before it was read

    public SharedBuffer Buffer => buffer;

    public int Size { get; } = buffer.Span.Length;

    public bool WasUsed { get; set; } = true; // since the clock hand passed

    public bool Is(Digest128 other, ReadOnlySpan<byte> otherKey) => digest == other && otherKey.SequenceEqual(Key);

    /// <summary>True every so often, when the store should hear that the entry is in use.</summary>
    public bool CountUse()
    {
        const int UsesPerTouch = 1024;
        if (!WasUsed)
        {
            WasUsed = true;
        }

        return (++_uses & (UsesPerTouch - 1)) == 0;
    }
}
