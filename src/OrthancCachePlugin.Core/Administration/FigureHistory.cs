using System.Text.Json;
using OrthancCachePlugin.Core.Serving;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>The last hour in minutes and the last day in quarters of an hour, for the plots of the page. Begins empty at each start of the plugin. Asks
/// neither Orthanc nor the disk, so that its timer never waits. Thread-safe.</summary>
public sealed class FigureHistory : IDisposable
{
    public static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    public static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    public const int Minutes = 60;
    public const int Quarters = 96;

    /// <summary>A rate over less says little.</summary>
    public static readonly TimeSpan ShortestPoint = TimeSpan.FromSeconds(5);

    private static readonly int MinutesOfQuarter = (int)(Quarter / Minute);

    private readonly Lock _lock = new();
    private readonly Queue<FigurePoint> _hour = new(Minutes);
    private readonly Queue<FigurePoint> _day = new(Quarters);
    private readonly Func<ServingSample> _counters;
    private readonly Func<long> _diskBytes;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private ServingSample _minuteStart;
    private ServingSample _quarterStart;
    private int _minutes;

    public FigureHistory(Func<ServingSample> counters, Func<long> diskBytes, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(counters);
        ArgumentNullException.ThrowIfNull(time);
        _counters = counters;
        _diskBytes = diskBytes;
        _time = time;
        _minuteStart = _quarterStart = counters();
        _timer = time.CreateTimer(_ => Sample(), null, Minute, Minute);
    }

    /// <summary>Oldest first; the last one may not be over yet.</summary>
    public IReadOnlyList<FigurePoint> LastHour => Read(_hour, ref _minuteStart);

    /// <summary>Oldest first; the last one may not be over yet.</summary>
    public IReadOnlyList<FigurePoint> LastDay => Read(_day, ref _quarterStart);

    public void Dispose() => _timer.Dispose();

    private List<FigurePoint> Read(Queue<FigurePoint> points, ref ServingSample start)
    {
        var now = _counters();
        var disk = _diskBytes();
        lock (_lock)
        {
            List<FigurePoint> read = [.. points];
            if (now.At - start.At >= ShortestPoint.Ticks)
            {
                read.Add(FigurePoint.Between(start, now, disk, _time.GetUtcNow()));
            }

            return read;
        }
    }

    private void Sample()
    {
        try
        {
            var now = _counters();
            var disk = _diskBytes();
            var at = _time.GetUtcNow();
            lock (_lock)
            {
                Add(_hour, Minutes, FigurePoint.Between(_minuteStart, now, disk, at));
                _minuteStart = now;
                if (++_minutes == MinutesOfQuarter)
                {
                    Add(_day, Quarters, FigurePoint.Between(_quarterStart, now, disk, at));
                    _quarterStart = now;
                    _minutes = 0;
                }
            }
        }
        catch (Exception)
        {
            // An exception on the timer's thread would end the process.
        }
    }

    private static void Add(Queue<FigurePoint> points, int capacity, FigurePoint point)
    {
        if (points.Count == capacity)
        {
            points.Dequeue();
        }

        points.Enqueue(point);
    }
}

/// <summary>What happened in an interval, and the disk at its end. Without requests there is no ratio, and without hits no latency.</summary>
public sealed record FigurePoint(
    DateTimeOffset End,
    double Seconds,
    long Requests,
    double? HitRatio,
    long? HitMedianMicroseconds,
    long? Hit99thMicroseconds,
    long DiskBytes)
{
    public static FigurePoint Between(ServingSample start, ServingSample end, long diskBytes, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(end);

        // Counters that fell have begun again at zero, as in Prometheus' rate().
        var from = end.IsBelow(start) ? ServingSample.Zero(start.At) : start;
        var hits = end.FromCache - from.FromCache;
        return new FigurePoint(
            at,
            (double)(end.At - start.At) / TimeSpan.TicksPerSecond,
            hits + end.FromOrigin - from.FromOrigin + end.Bypasses - from.Bypasses,
            end.HitRatioSince(from),
            hits > 0 ? end.LatencySince(from, 0.5) : null,
            hits > 0 ? end.LatencySince(from, 0.99) : null,
            diskBytes);
    }
}

/// <summary><c>GET /plugins/response-cache/history</c>: figures only, nothing of a patient.</summary>
internal static class HistoryReport
{
    public static byte[] Write(FigureHistory history) => JsonText.Write(writer =>
    {
        Write(writer, "LastHour", FigureHistory.Minute, history.LastHour);
        Write(writer, "LastDay", FigureHistory.Quarter, history.LastDay);
    });

    private static void Write(Utf8JsonWriter writer, string name, TimeSpan interval, IReadOnlyList<FigurePoint> points)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("IntervalSeconds", (long)interval.TotalSeconds);
        writer.WriteStartArray("Points");
        foreach (var point in points)
        {
            writer.WriteStartObject();
            StatusReport.WriteTime(writer, "End", point.End.ToUnixTimeMilliseconds());
            writer.WriteNumber("Seconds", Math.Round(point.Seconds, 1));
            writer.WriteNumber("Requests", point.Requests);
            StatusReport.WriteRatio(writer, "HitRatio", point.HitRatio);
            StatusReport.WriteRatio(writer, "HitMedianMicroseconds", point.HitMedianMicroseconds);
            StatusReport.WriteRatio(writer, "Hit99thMicroseconds", point.Hit99thMicroseconds);
            writer.WriteNumber("DiskBytes", point.DiskBytes);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
