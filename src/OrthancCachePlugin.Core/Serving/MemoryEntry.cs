using System.Runtime.InteropServices;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// One response in native memory, ready to be sent in one coding, in the format of <see cref="Serving.StoredResponse"/>. Counted
/// references: the tier has one, each request that sends it another, and the last one frees it.
/// </summary>
internal sealed unsafe class MemoryEntry
{
    private readonly byte* _memory;
    private readonly int _size;
    private readonly MemoryBudget? _budget;
    private readonly long _taken;
    private int _references = 1;
    private int _uses;

    /// <summary>Allocates room for a value, to be filled through <see cref="Writable"/> before anybody else sees it.</summary>
    /// <param name="digest">Digest of the key, mixed with the coding.</param>
    /// <param name="key">The whole key.</param>
    /// <param name="createdAt">Unix milliseconds.</param>
    /// <param name="size">Bytes of the value.</param>
    /// <param name="budget">What it is counted in as long as it lives, if anything.</param>
    /// <param name="taken">Bytes that were taken of that; the caller's still where this throws.</param>
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

    /// <summary>The whole key: who can choose two keys with one digest must not get the other's response.</summary>
    public byte[] Key { get; }

    public long CreatedAt { get; }

    /// <summary>The position in the log of removals before it was read.</summary>
    public long Since { get; init; }

    public int Size => _size;

    /// <summary>The value. Only for holders of a reference.</summary>
    public ReadOnlySpan<byte> Value => new(_memory, _size);

    /// <summary>The value before it is published.</summary>
    public Span<byte> Writable => new(_memory, _size);

    /// <summary>Whether it was used since the evictor looked last (second chance).</summary>
    public bool WasUsed { get; set; } = true;

    /// <summary>Whether it is the response for this key and coding.</summary>
    public bool Is(Digest128 digest, ReadOnlySpan<byte> key) => Digest == digest && key.SequenceEqual(Key);

    /// <summary>Takes a reference, unless the last one is gone.</summary>
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

    /// <summary>Gives a reference back; the last one frees the memory.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            NativeMemory.Free(_memory);
            _budget?.Give(_taken);
        }
    }

    /// <summary>Counts a use; true every so often, when the store should hear that the entry is in use.</summary>
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
