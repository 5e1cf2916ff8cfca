using System.Collections.Concurrent;
using OrthancCachePlugin.Core.Hashing;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>
/// One computation per key at a time. The first caller leads and computes; those who come meanwhile, and those who come before the
/// answer has reached the disk, get the same answer. Whoever gets nothing computes alone.
/// </summary>
/// <remarks>Keys name a version, so an answer that is shared is as current as the version that the caller has just validated.</remarks>
internal sealed class SingleFlight
{
    private readonly ConcurrentDictionary<Digest128, Flight> _flights = new();

    /// <summary>Keys under way; bounded by the threads that ask and the entries that wait to be written.</summary>
    public int Count => _flights.Count;

    /// <summary>Joins the computation of a key. A leader must end the flight, whatever comes of it.</summary>
    public Flight Join(Digest128 key, out bool isLeader)
    {
        if (_flights.TryGetValue(key, out var flight))
        {
            isLeader = false;
            return flight;
        }

        var own = new Flight(this, key);
        flight = _flights.GetOrAdd(key, own);
        isLeader = ReferenceEquals(flight, own);
        return flight;
    }

    internal void Remove(Digest128 key, Flight flight) => _flights.TryRemove(new KeyValuePair<Digest128, Flight>(key, flight));
}
