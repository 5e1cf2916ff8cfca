using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>Says whether clients need the server: while one waits for the origin, or while they ask often. The rate is taken from the serving
/// counters, at least <see cref="Interval"/> apart, so a hit pays nothing for it. Thread-safe.</summary>
public sealed class LoadGate(ServingCounters counters, TimeProvider time)
{
    public const int BusyRate = 50; // requests per second above which the server counts as busy

    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private long _requests = counters.Requests;
    private long _measuredAt = time.GetTimestampTicks();
    private bool _isBusy;

    public bool IsBusy()
    {
        if (counters.WaitingForOrigin > 0)
        {
            return true;
        }

        lock (_lock)
        {
            var now = time.GetTimestampTicks();
            var elapsed = now - _measuredAt;
            if (elapsed >= Interval.Ticks)
            {
                var requests = counters.Requests;
                _isBusy = requests - _requests > BusyRate * (double)elapsed / TimeSpan.TicksPerSecond;
                _requests = requests;
                _measuredAt = now;
            }

            return _isBusy;
        }
    }
}
