using System.Collections.Concurrent;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>
/// One computation per key at a time. The first caller leads and computes; those who come meanwhile, and those who come before the
/// answer has reached the disk, get the same answer. Whoever gets nothing computes alone.
/// </summary>
/// <remarks>Keys name a version, so a response that is shared is as current as the version that the caller has just validated.</remarks>
internal sealed class SingleFlight
{
    private readonly ConcurrentDictionary<Digest128, Flight> _flights = new();

    /// <summary>Keys under way; bounded by the threads that ask and the entries that wait to be written.</summary>
    public int Count => _flights.Count;

    /// <summary>Joins the computation of a key. A leader must end the flight, whatever comes of it.</summary>
    /// <param name="key">The whole key.</param>
    /// <param name="digest">Its digest.</param>
    /// <param name="isLeader">Whether the caller is to compute.</param>
    public Flight Join(ReadOnlySpan<byte> key, Digest128 digest, out bool isLeader)
    {
        if (_flights.TryGetValue(digest, out var flight))
        {
            return Join(flight, key, digest, out isLeader);
        }

        var own = new Flight(this, key.ToArray(), digest);
        flight = _flights.GetOrAdd(digest, own);
        isLeader = ReferenceEquals(flight, own);
        return isLeader ? flight : Join(flight, key, digest, out isLeader);
    }

    /// <summary>Those who have joined get their answer; who comes from now on starts another computation.</summary>
    public void Forget(KeyPrefixes keys)
    {
        foreach (var (digest, flight) in _flights)
        {
            if (keys.Match(flight.Key))
            {
                Remove(digest, flight);
            }
        }
    }

    private Flight Join(Flight flight, ReadOnlySpan<byte> key, Digest128 digest, out bool isLeader)
    {
        // Another key with the same digest, chosen by somebody: it is computed alone, in a flight that nobody finds.
        isLeader = !flight.Key.SequenceEqual(key);
        return isLeader ? new Flight(this, key.ToArray(), digest) : flight;
    }

    internal void Remove(Digest128 digest, Flight flight) => _flights.TryRemove(new KeyValuePair<Digest128, Flight>(digest, flight));
}
