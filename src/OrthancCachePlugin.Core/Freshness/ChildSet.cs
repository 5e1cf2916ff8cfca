using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>
/// The instances below a resource as sorted 32-bit hashes: enough to say "was certainly not one of them" of a deleted instance, at
/// four bytes each. A false "perhaps" costs one deep validation. Immutable.
/// </summary>
public sealed class ChildSet
{
    private readonly uint[] _hashes;

    private ChildSet(uint[] hashes) => _hashes = hashes;

    public int Count => _hashes.Length;

    /// <summary>False only where the instance is certainly not below the resource.</summary>
    public bool MayContain(ulong identifierWord) => Array.BinarySearch(_hashes, (uint)identifierWord) >= 0;

    /// <summary>Collects instances up to a limit.</summary>
    public sealed class Builder
    {
        private readonly List<uint> _hashes = [];
        private readonly int _limit;

        /// <param name="limit">The most instances to take.</param>
        public Builder(int limit) => _limit = limit;

        /// <summary>Takes one more; false where there are too many.</summary>
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
