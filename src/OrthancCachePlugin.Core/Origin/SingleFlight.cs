using System.Collections.Concurrent;
using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>
/// One computation per key at a time. The first caller leads and computes. Callers that come meanwhile, or before the response has reached
/// the disk, share it; a caller that gets none computes alone. Keys contain the version, so a shared response is current.
/// </summary>
internal sealed class SingleFlight
{
    private readonly ConcurrentDictionary<Digest128, Flight> _flights = new();

    /// <summary>Keys under way; bounded by the threads that ask and the entries that wait to be written.</summary>
    public int Count => _flights.Count;

    /// <summary>Joins the computation of a key. A leader computes, and must end the flight whatever comes of it.</summary>
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

    /// <summary>Callers from now on start another computation.</summary>
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
        // Another key with the same digest: computed alone.
        isLeader = !flight.Key.SequenceEqual(key);
        return isLeader ? new Flight(this, key.ToArray(), digest) : flight;
    }

    internal void Remove(Digest128 digest, Flight flight) => _flights.TryRemove(new KeyValuePair<Digest128, Flight>(digest, flight));
}

/// <summary>The requests for one key of a <see cref="SingleFlight"/>. Thread-safe.</summary>
internal sealed class Flight(SingleFlight owner, byte[] key, Digest128 digest)
{
    private readonly object _monitor = new();
    private OriginResponse? _response;
    private int _waiting;
    private bool _hasEnded;

    public ReadOnlySpan<byte> Key => key;

    /// <summary>Callers that wait for the response just now.</summary>
    public int Waiting
    {
        get
        {
            lock (_monitor)
            {
                return _waiting;
            }
        }
    }

    /// <summary>Shares the leader's response; the flight owns a reference until <see cref="End"/>.</summary>
    public void Publish(OriginResponse response)
    {
        lock (_monitor)
        {
            if (_hasEnded || _response is not null)
            {
                return;
            }

            response.AddReference();
            _response = response;
            WakeWaiters();
        }
    }

    /// <summary>Later callers start another flight. Idempotent.</summary>
    public void End()
    {
        OriginResponse? own;
        lock (_monitor)
        {
            _hasEnded = true;
            own = TakeIfUnneeded();
            WakeWaiters();
        }

        owner.Remove(digest, this);
        own?.Dispose();
    }

    /// <summary>Waits for the leader's response.</summary>
    /// <param name="timeout">How long at most.</param>
    /// <returns>A reference that the caller disposes of; null where there is nothing to share.</returns>
    public OriginResponse? Wait(TimeSpan timeout)
    {
        OriginResponse? shared;
        OriginResponse? own;
        lock (_monitor)
        {
            if (_response is null && !_hasEnded)
            {
                // After a spurious wake-up the caller just computes alone.
                _waiting++;
                Monitor.Wait(_monitor, timeout);
                _waiting--;
            }

            shared = _response;
            shared?.AddReference();
            own = TakeIfUnneeded();
        }

        own?.Dispose();
        return shared;
    }

    /// <summary>
    /// Under the lock. Most flights have no waiters, and the first pulse of an object costs a sync block, which every garbage collection visits.
    /// </summary>
    private void WakeWaiters()
    {
        if (_waiting > 0)
        {
            Monitor.PulseAll(_monitor);
        }
    }

    /// <summary>Under the lock. The flight's own reference, once it has ended and all waiters have theirs.</summary>
    private OriginResponse? TakeIfUnneeded()
    {
        if (!_hasEnded || _waiting > 0)
        {
            return null;
        }

        var own = _response;
        _response = null;
        return own;
    }
}
