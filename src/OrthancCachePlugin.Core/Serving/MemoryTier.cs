using System.Runtime.InteropServices;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// A small tier in memory above the store for responses that are asked for often: found without a lock, sent without a copy. CLOCK eviction
/// under a hard bound in bytes; a response is admitted when it is asked for a second time, so that a scan does not wash the tier out.
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

    /// <summary>The bound is on all values together; a removal is logged before it is done here.</summary>
    public MemoryTier(long maximumBytes, RemovalLog removals)
    {
        _removals = removals;
        _maximumBytes = maximumBytes;
        _largest = (int)Math.Min(int.MaxValue, maximumBytes / 2);
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Counted now.</summary>
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

    /// <summary>With a reference that the caller releases; null where there is none.</summary>
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

    /// <summary>Takes a reference of its own, unless the response was removed since it was read.</summary>
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

    private void Replace(int slot, MemoryEntry? response)
    {
        var old = Interlocked.Exchange(ref _slots[slot], response);
        Interlocked.Add(ref _bytes, (response?.Size ?? 0) - (long)(old?.Size ?? 0));
        old?.Release();
    }
}

/// <summary>
/// One response in native memory, in one coding. Reference-counted: the tier has one reference, each request that sends it another, and the
/// last one frees it.
/// </summary>
internal sealed unsafe class MemoryEntry
{
    private readonly byte* _memory;
    private readonly int _size;
    private readonly MemoryBudget? _budget;
    private readonly long _taken;
    private int _references = 1;
    private int _uses;

    /// <summary>
    /// To be filled before it is published. Its digest is that of the key and the coding. Where this throws, what was taken of the budget
    /// is still the caller's.
    /// </summary>
    public MemoryEntry(Digest128 digest, ReadOnlySpan<byte> key, long createdAt, int size, MemoryBudget? budget = null, long taken = 0)
    {
        _budget = budget;
        _taken = taken;
        Digest = digest;
        Key = key.ToArray();
        CreatedAt = createdAt;
        _size = size;
        _memory = (byte*)NativeMemory.Alloc((nuint)size);
    }

    public Digest128 Digest { get; }

    /// <summary>Compared in full: who can choose two keys with one digest must not get the other's response.</summary>
    public byte[] Key { get; }

    public long CreatedAt { get; }

    /// <summary>The position in the log of removals before it was read.</summary>
    public long Since { get; init; }

    public int Size => _size;

    /// <summary>For holders of a reference.</summary>
    public ReadOnlySpan<byte> Value => new(_memory, _size);

    /// <summary>Before it is published.</summary>
    public Span<byte> Writable => new(_memory, _size);

    /// <summary>Since the clock hand passed.</summary>
    public bool WasUsed { get; set; } = true;

    public bool Is(Digest128 digest, ReadOnlySpan<byte> key) => Digest == digest && key.SequenceEqual(Key);

    /// <summary>False where the last one was released.</summary>
    public bool TryAddReference()
    {
        var references = Volatile.Read(ref _references);
        while (references > 0)
        {
            var seen = Interlocked.CompareExchange(ref _references, references + 1, references);
            if (seen == references)
            {
                return true;
            }

            references = seen;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            NativeMemory.Free(_memory);
            _budget?.Give(_taken);
        }
    }

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
