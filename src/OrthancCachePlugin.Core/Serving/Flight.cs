using OrthancCachePlugin.Core.Hashing;

namespace OrthancCachePlugin.Core.Serving;

/// <summary>The meeting point of the requests for one key: see <see cref="SingleFlight"/>. Thread-safe.</summary>
internal sealed class Flight(SingleFlight owner, byte[] key, Digest128 digest)
{
    private readonly object _monitor = new();
    private OriginAnswer? _answer;
    private long _lastModified;
    private int _waiting;
    private bool _isOver;

    /// <summary>The whole key.</summary>
    public ReadOnlySpan<byte> Key => key;

    /// <summary>The leader shares its answer; the flight holds a reference until <see cref="End"/>.</summary>
    public void Publish(OriginAnswer answer, long lastModified)
    {
        lock (_monitor)
        {
            if (_isOver || _answer is not null)
            {
                return;
            }

            answer.AddReference();
            _answer = answer;
            _lastModified = lastModified;
            WakeWaiting();
        }
    }

    /// <summary>Ends the flight: whoever comes from now on starts another. Idempotent.</summary>
    public void End()
    {
        OriginAnswer? held;
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
    /// <param name="lastModified">Unix seconds, of the version that the answer belongs to.</param>
    /// <returns>A reference that the caller disposes of, or null where there is no answer to share.</returns>
    public OriginAnswer? Wait(TimeSpan timeout, out long lastModified)
    {
        OriginAnswer? shared;
        OriginAnswer? held;
        lock (_monitor)
        {
            if (_answer is null && !_isOver)
            {
                // Woken without an answer only by its end or the timeout; a spurious wake-up just computes alone.
                _waiting++;
                Monitor.Wait(_monitor, timeout);
                _waiting--;
            }

            shared = _answer;
            shared?.AddReference();
            lastModified = _lastModified;
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
    private OriginAnswer? TakeIfUnneeded()
    {
        if (!_isOver || _waiting > 0)
        {
            return null;
        }

        var held = _answer;
        _answer = null;
        return held;
    }
}
