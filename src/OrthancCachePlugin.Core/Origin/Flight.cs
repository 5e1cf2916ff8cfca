using OrthancCachePlugin.Core.Http;

namespace OrthancCachePlugin.Core.Origin;

/// <summary>The meeting point of the requests for one key: see <see cref="SingleFlight"/>. Thread-safe.</summary>
internal sealed class Flight(SingleFlight owner, byte[] key, Digest128 digest)
{
    private readonly object _monitor = new();
    private OriginResponse? _response;
    private int _waiting;
    private bool _isOver;

    /// <summary>The whole key.</summary>
    public ReadOnlySpan<byte> Key => key;

    /// <summary>The leader shares its response; the flight holds a reference until <see cref="End"/>.</summary>
    public void Publish(OriginResponse response)
    {
        lock (_monitor)
        {
            if (_isOver || _response is not null)
            {
                return;
            }

            response.AddReference();
            _response = response;
            WakeWaiting();
        }
    }

    /// <summary>Ends the flight: whoever comes from now on starts another. Idempotent.</summary>
    public void End()
    {
        OriginResponse? held;
        lock (_monitor)
        {
            _isOver = true;
            held = TakeIfUnneeded();
            WakeWaiting();
        }

        owner.Remove(digest, this);
        held?.Dispose();
    }

    /// <summary>Waits for the leader's answer.</summary>
    /// <param name="timeout">How long at most.</param>
    /// <returns>A reference that the caller disposes of, or null where there is no response to share.</returns>
    public OriginResponse? Wait(TimeSpan timeout)
    {
        OriginResponse? shared;
        OriginResponse? held;
        lock (_monitor)
        {
            if (_response is null && !_isOver)
            {
                // Woken without a response only by its end or the timeout; a spurious wake-up just computes alone.
                _waiting++;
                Monitor.Wait(_monitor, timeout);
                _waiting--;
            }

            shared = _response;
            shared?.AddReference();
            held = TakeIfUnneeded();
        }

        held?.Dispose();
        return shared;
    }

    /// <summary>
    /// Under the lock. Nobody waits for most flights, and the first pulse of each object takes an entry in a table of the runtime, with
    /// a handle that every collection of garbage looks at.
    /// </summary>
    private void WakeWaiting()
    {
        if (_waiting > 0)
        {
            Monitor.PulseAll(_monitor);
        }
    }

    /// <summary>The flight's own reference, once it is over and all who were woken have theirs.</summary>
    private OriginResponse? TakeIfUnneeded()
    {
        if (!_isOver || _waiting > 0)
        {
            return null;
        }

        var held = _response;
        _response = null;
        return held;
    }
}
