using System.Buffers;
using System.Text.Json;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp.Jobs;

/// <summary>
/// A warm-up on demand, for the jobs engine of the host, which calls <see cref="Step"/> again and again on one thread and the rest on
/// any. A step takes about a tenth of a second, or one call of the origin, so that pausing and canceling work.
/// </summary>
public sealed class WarmUpJob
{
    /// <summary>The type that the host shows and keeps.</summary>
    public const string Type = "ResponseCacheWarmUp";

    private static readonly long Slice = TimeSpan.FromMilliseconds(100).Ticks;
    private static readonly TimeSpan SettlingInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a named resource that is too young is waited for.</summary>
    private static readonly long MaximumSettling = TimeSpan.FromSeconds(20).Ticks;

    /// <summary>How long a job waits in all for what others cause: the whole archive for what is too young, for there is always something.</summary>
    private static readonly long Timeout = TimeSpan.FromSeconds(30).Ticks;

    /// <summary>How long a job waits before it tries again what failed; doubles.</summary>
    private static readonly long FailureInterval = TimeSpan.FromSeconds(1).Ticks;

    /// <summary>After a call of the origin the whole archive rests as long as the call took, but no longer than this.</summary>
    private static readonly long MaximumRest = TimeSpan.FromSeconds(1).Ticks;

    private readonly WarmUpJobs _owner;
    private readonly IJobWork _work;
    private WarmUpCounters _outcomes = new();
    private Queue<(Resource Resource, WarmUpRoute Route)>? _current;
    private int _currentTotal;
    private long _settlingEnd;
    private long _timeout = Timeout;
    private long _restUntil;
    private int _unsettled;
    private int _failures;
    private int _left;
    private volatile string _failure = "";
    private JobCounts _counts;

    internal WarmUpJob(WarmUpJobs owner, IJobWork work, JobCounts? counts = null)
    {
        _owner = owner;
        _work = work;
        _counts = counts ?? JobCounts.None;
        _outcomes.Begin(_counts.Stored, _counts.Held, _counts.NotKept, _counts.Gone);
        _unsettled = (int)_counts.Unsettled;
    }

    /// <summary>True once the engine has ended it, well or not.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>True once it has ended well.</summary>
    public bool HasSucceeded { get; private set; }

    /// <summary>From 0 to 1.</summary>
    public float Progress
    {
        get
        {
            var total = _work.Total;
            var part = _currentTotal == 0 ? 0 : 1 - ((float)Volatile.Read(ref _left) / _currentTotal);
            return HasSucceeded ? 1 : total == 0 ? 0 : Math.Clamp((_work.Done + part) / total, 0, 1);
        }
    }

    /// <summary>Does a piece of the work.</summary>
    public JobStep Step()
    {
        if (!_owner.CanWork(out var failure))
        {
            if (failure.Length > 0)
            {
                _failure = failure;
                return JobStep.Failure;
            }

            _owner.Wait(LoadGate.Interval);
            return JobStep.Continue;
        }

        if (!_work.Prepare())
        {
            return JobStep.Continue;
        }

        var end = _owner.Now + Slice;
        do
        {
            var rest = _restUntil - _owner.Now;
            if (rest > 0)
            {
                _owner.Wait(TimeSpan.FromTicks(Math.Min(rest, Slice)));
                return JobStep.Continue;
            }

            if (!TryTake(out var resource, out var route))
            {
                return JobStep.Success;
            }

            if (!TryWarm(resource, route))
            {
                return JobStep.Continue;
            }
        }
        while (_owner.Now < end && !_owner.IsBusy);

        return JobStep.Continue;
    }

    /// <summary>The engine has ended or paused it.</summary>
    /// <param name="hasEnded">False for a pause, after which it goes on.</param>
    /// <param name="hasSucceeded">Whether all was done.</param>
    public void Stop(bool hasEnded, bool hasSucceeded)
    {
        HasSucceeded = hasSucceeded;
        HasEnded = hasEnded;
        _owner.Wake();
    }

    /// <summary>Begins again.</summary>
    public void Reset()
    {
        _work.Reset();
        _current = null;
        _currentTotal = 0;
        _unsettled = 0;
        _failures = 0;
        _outcomes = new();
        _counts = JobCounts.None;
        _failure = "";
        _timeout = Timeout;
        HasEnded = false;
        HasSucceeded = false;
    }

    /// <summary>What <c>/jobs/{id}</c> shows as its content: counts alone.</summary>
    public byte[] GetContent() => Write(writer =>
    {
        writer.WriteString("Description", "Warm-up of the response cache");
        writer.WriteNumber("ResourcesCount", _work.Total);
        writer.WriteNumber("ResourcesDone", _work.Done);
        writer.WriteNumber("AnswersStored", _outcomes.Stored);
        writer.WriteNumber("AnswersHeld", _outcomes.Held);
        writer.WriteNumber("AnswersNotKept", _outcomes.NotKept);
        writer.WriteNumber("AnswersUnsettled", Volatile.Read(ref _unsettled));
        writer.WriteNumber("ResourcesGone", _outcomes.Gone);
        if (_failure.Length > 0)
        {
            writer.WriteString("Failure", _failure);
        }
    });

    /// <summary>What it needs to go on after a restart.</summary>
    public byte[] GetSerialized() => Write(writer =>
    {
        writer.WriteNumber("Format", 1);
        Volatile.Read(ref _counts).Save(writer);
        _work.Save(writer);
    });

    private bool TryTake(out Resource resource, out WarmUpRoute route)
    {
        while (_current is null or { Count: 0 })
        {
            if (_current is not null)
            {
                _current = null;
                Volatile.Write(ref _counts, new JobCounts(_outcomes.Stored, _outcomes.Held, _outcomes.NotKept, _outcomes.Gone, _unsettled));
                _work.Advance();
            }

            var next = _work.Next();
            if (next is null)
            {
                (resource, route) = (default, null!);
                return false;
            }

            _current = new();
            foreach (var each in next)
            {
                foreach (var ofLevel in _owner.Routes.Of(each.Level))
                {
                    _current.Enqueue((each, ofLevel));
                }
            }

            _currentTotal = _current.Count;
            Volatile.Write(ref _left, _currentTotal);
            _settlingEnd = _work.IsThrottled ? 0 : _owner.Now + MaximumSettling;
        }

        (resource, route) = _current.Peek();
        return true;
    }

    /// <returns>False where the origin does not answer: the same has to be done again.</returns>
    private bool TryWarm(Resource resource, WarmUpRoute route)
    {
        var start = _owner.Now;
        if (_owner.TryWarm(resource, route) is not { } outcome)
        {
            return false;
        }

        var took = _owner.Now - start;
        if ((outcome == WarmUpOutcome.Unsettled && MayWait()) || (outcome == WarmUpOutcome.Busy && HasTimeout()))
        {
            _restUntil = _owner.Now + SettlingInterval.Ticks;
            return true;
        }

        if (outcome == WarmUpOutcome.Failed && MayTryAgain(out var delay))
        {
            _restUntil = _owner.Now + delay;
            return true;
        }

        _failures = 0;
        _outcomes.Count(outcome is WarmUpOutcome.Busy or WarmUpOutcome.Failed ? WarmUpOutcome.NotKept : outcome);
        _current!.Dequeue();
        if (outcome == WarmUpOutcome.Unsettled)
        {
            Interlocked.Increment(ref _unsettled);
        }
        else if (outcome == WarmUpOutcome.Gone)
        {
            while (_current.TryPeek(out var same) && same.Resource == resource)
            {
                _current.Dequeue();
            }
        }

        Volatile.Write(ref _left, _current.Count);
        if (_work.IsThrottled && outcome is WarmUpOutcome.Stored or WarmUpOutcome.NotKept or WarmUpOutcome.Failed)
        {
            _restUntil = _owner.Now + Math.Min(took, MaximumRest);
        }

        return true;
    }

    private bool MayWait() => _work.IsThrottled ? HasTimeout() : _owner.Now < _settlingEnd;

    private bool HasTimeout()
    {
        _timeout -= SettlingInterval.Ticks;
        return _timeout > 0;
    }

    private bool MayTryAgain(out long delay)
    {
        delay = FailureInterval << _failures;
        if (delay > _timeout)
        {
            return false;
        }

        _failures++;
        _timeout -= delay;
        return true;
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
