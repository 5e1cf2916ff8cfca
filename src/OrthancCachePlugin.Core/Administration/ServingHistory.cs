using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>
/// What the counters were during the last hour, one sample every ten seconds, so that a ratio "over the last minute" does not depend
/// on who asks how often. Thread-safe; asks nobody.
/// </summary>
public sealed class ServingHistory : IDisposable
{
    /// <summary>Time between samples.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private const int Capacity = 361; // an hour and its beginning; about 100 KiB
    private readonly Lock _lock = new();
    private readonly Queue<ServingSample> _samples = new(Capacity);
    private readonly ServingCounters _counters;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;

    public ServingHistory(ServingCounters counters, TimeProvider time)
    {
        _counters = counters;
        _time = time;
        Start = Now();
        _samples.Enqueue(Start);
        _timer = time.CreateTimer(_ => Sample(), null, Interval, Interval);
    }

    /// <summary>The first sample of all.</summary>
    public ServingSample Start { get; }

    /// <summary>The counters now.</summary>
    public ServingSample Now()
    {
        var latency = new long[LatencyHistogram.Classes];
        _counters.HitLatency.CopyTo(latency);
        return new ServingSample(_time.GetTimestampTicks(), _counters.Hits + _counters.NotModified, _counters.Misses, latency);
    }

    /// <summary>The newest sample that is at least so old; the oldest one where none is.</summary>
    public ServingSample Before(TimeSpan age)
    {
        var at = _time.GetTimestampTicks() - age.Ticks;
        lock (_lock)
        {
            var found = _samples.Peek();
            foreach (var sample in _samples)
            {
                if (sample.At > at)
                {
                    break;
                }

                found = sample;
            }

            return found;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Sample()
    {
        try
        {
            var sample = Now();
            lock (_lock)
            {
                if (_samples.Count == Capacity)
                {
                    _samples.Dequeue();
                }

                _samples.Enqueue(sample);
            }
        }
        catch (Exception)
        {
            // A sample less: what left the timer's thread would end the process.
        }
    }
}
