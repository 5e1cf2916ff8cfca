using OrthancCachePlugin.Core.Administration;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>The last instances that were stored or deleted, in a ring of fixed size, so that a resource can ask whether any of them concerns it. What
/// was overwritten meanwhile counts as "perhaps". Thread-safe.</summary>
public sealed class MutationLog
{
    private const ulong DeletedFlag = 1;
    private readonly ulong[] _words;
    private readonly Lock _lock = new();
    private long _count;
    private long _deletions;

    public MutationLog(int capacity = 1 << 15) => _words = new ulong[capacity];

    public long Position => Interlocked.Read(ref _count);

    public long Deletions => Interlocked.Read(ref _deletions);

    /// <summary>Logs one instance. Call it before the revision is moved.</summary>
    public void Add(ResourceId instance, bool deleted)
    {
        lock (_lock)
        {
            _words[_count & (_words.Length - 1)] = deleted ? instance.Word0 | DeletedFlag : instance.Word0 & ~DeletedFlag;
            Interlocked.Increment(ref _count);
            if (deleted)
            {
                Interlocked.Increment(ref _deletions);
            }
        }
    }

    /// <summary>An instance may have been stored or deleted of which nothing is known: as if the whole ring had been overwritten.</summary>
    public void Lose()
    {
        Interlocked.Add(ref _count, _words.Length);
        Interlocked.Increment(ref _deletions);
    }

    public bool MayHaveTouched(long since, ResourceId instance)
    {
        var wanted = instance.Word0 & ~DeletedFlag;
        var end = Position;
        for (var i = since; i < end && end - since < _words.Length; i++)
        {
            if ((_words[i & (_words.Length - 1)] & ~DeletedFlag) == wanted)
            {
                return true;
            }
        }

        return MayHaveLost(since);
    }

    public bool MayHaveDeleted(long since, ChildSet children)
    {
        var end = Position;
        for (var i = since; i < end && end - since < _words.Length; i++)
        {
            var word = _words[i & (_words.Length - 1)];

            // The flag took the lowest bit, so both identifiers that the word may stand for are looked up.
            if ((word & DeletedFlag) != 0 && (children.MayContain(word) || children.MayContain(word & ~DeletedFlag)))
            {
                return true;
            }
        }

        return MayHaveLost(since);
    }

    /// <summary>A full ring counts as lost: the next mutation is written before it is counted.</summary>
    private bool MayHaveLost(long since) => Position - since >= _words.Length;
}

/// <summary>The instances below a resource as sorted 32-bit hashes: enough to say "was certainly not one of them" of a deleted instance, at four
/// bytes each. A false "perhaps" costs one deep validation. Immutable.</summary>
public sealed class ChildSet
{
    private readonly uint[] _hashes;

    private ChildSet(uint[] hashes) => _hashes = hashes;

    public int Count => _hashes.Length;

    public bool MayContain(ulong identifierWord) => Array.BinarySearch(_hashes, (uint)identifierWord) >= 0;

    public sealed class Builder
    {
        private readonly List<uint> _hashes = [];
        private readonly int _limit;

        public Builder(int limit) => _limit = limit;

        public bool TryAdd(ResourceId instance)
        {
            if (_hashes.Count >= _limit)
            {
                return false;
            }

            _hashes.Add((uint)instance.Word0);
            return true;
        }

        public ChildSet Build()
        {
            _hashes.Sort();
            return new ChildSet([.. _hashes]);
        }
    }
}
