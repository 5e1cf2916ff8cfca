using OrthancCachePlugin.Core.Http;
using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Freshness;

/// <summary>Hears of every sign of a change and says two things: a revision that moves with each sign, and whether all is settled, so that a resource
/// validated under the present revision is current without a call. Thread-safe; times are arguments, in ticks of 100 ns of a monotonic
/// clock.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>A mutating request is known before it runs; its events come late and its end is not told. It counts as running until the next request on
/// the same thread of the HTTP server, or <see cref="RequestTimeout"/>. The event of its own DELETE shortens that to <see cref="SettlingTime"/>,
/// no more: a late event of an earlier deletion looks alike. Unless it was a DELETE, it may have submitted a job, so
/// <see cref="SettlingTime"/> passes after its end.</item>
/// <item>A job runs from JobSubmitted to JobSuccess or JobFailure, which may overtake the events of what it did (ServerContext: pendingJobEvents_
/// and pendingChanges_). So what was confirmed before the end of a request or job is read deeply once.</item>
/// <item>A stored instance is told synchronously, after its commit: it moves the revision and unsettles nothing.</item>
/// <item>A request that may set what shapes responses (<c>PUT /tools/default-encoding</c>) settles with its end.</item>
/// </list>
/// </remarks>
public sealed class ChangeTracker
{
    /// <summary>How long a mutating request without any sign of its end counts as running.</summary>
    public const long RequestTimeout = 10 * TimeSpan.TicksPerMinute;

    public const long SettlingTime = 10 * TimeSpan.TicksPerSecond;

    /// <summary>Jobs and requests that are followed one by one; beyond that, all counts as unsettled until they time out.</summary>
    public const int MaximumFollowed = 1024;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, RunningRequest> _requests = [];
    private readonly HashSet<Digest128> _jobs = [];
    private readonly bool _neverSettles;
    private long _content = 1;
    private long _any = 1;
    private long _deepBefore;
    private long _movedAt = long.MinValue;
    private long _contentSettlesAt = long.MinValue;
    private long _anySettlesAt = long.MinValue;
    private long _heldUntil = long.MinValue;
    private long _settings;
    private long _settingsSettleAt = long.MinValue;
    private long _nextTimeout = long.MaxValue;
    private int _running;
    private int _runningContent;
    private int _runningSettings;

    public ChangeTracker(bool neverSettles = false) => _neverSettles = neverSettles;

    /// <summary>Nothing is settled until <see cref="Release"/>: jobs of an earlier process may be running again.</summary>
    public void Hold() => Volatile.Write(ref _heldUntil, long.MaxValue);

    /// <summary>What is not followed by itself is settled from a moment on.</summary>
    public void Release(long at) => Volatile.Write(ref _heldUntil, at);

    /// <summary>A job may run that was not submitted just now: resumed or resubmitted. Its end will be told, but not that it runs.</summary>
    public void JobMayRun(long now)
    {
        lock (_lock)
        {
            Settle(MutationScope.Content, now + RequestTimeout);
            Move(MutationScope.Content, now);
        }
    }

    public RevisionMark Read(long now)
    {
        if (now >= Volatile.Read(ref _nextTimeout))
        {
            EndTimedOut(now);
        }

        // The numbers first: a mutation that is seen between the reads may make "settled" too pessimistic, never the number too new.
        var content = Volatile.Read(ref _content);
        var any = Volatile.Read(ref _any);
        var maySettle = !_neverSettles && now >= Volatile.Read(ref _heldUntil);
        return new RevisionMark(
            content,
            any,
            maySettle && Volatile.Read(ref _runningContent) == 0 && now >= Volatile.Read(ref _contentSettlesAt),
            maySettle && Volatile.Read(ref _running) == 0 && now >= Volatile.Read(ref _anySettlesAt),
            Volatile.Read(ref _movedAt),
            Volatile.Read(ref _deepBefore),
            Volatile.Read(ref _runningSettings) == 0 && now >= Volatile.Read(ref _settingsSettleAt));
    }

    /// <summary>Moves with each request that may set what shapes responses to and fro while something is computed.</summary>
    public long Settings => Interlocked.Read(ref _settings);

    /// <summary>A request to the server's own tools is about to run; see <see cref="Settings"/>. To be told before
    /// <see cref="RequestSeen"/>.</summary>
    public void ToolSeen() => Interlocked.Increment(ref _settings);

    /// <summary>A sign of a change was lost, so anything may have changed. No lock, no allocation: it is called where something just
    /// failed.</summary>
    public void Distrust(long now)
    {
        Interlocked.Increment(ref _settings);
        Raise(ref _settingsSettleAt, now + RequestTimeout);
        Settle(MutationScope.Content, now + RequestTimeout);
        End(MutationScope.Content, now);
    }

    /// <summary>Whether a mutating request or job is running, so that the end of a request may mean something.</summary>
    public bool IsFollowing => Volatile.Read(ref _running) != 0;

    public void RequestSeen(int thread, MutationScope scope, Resource? deleted, long now, bool maySet = false)
    {
        if (scope == MutationScope.None && !IsFollowing)
        {
            return;
        }

        lock (_lock)
        {
            if (_requests.Remove(thread, out var previous))
            {
                // A DELETE submits no job: nothing comes after it but late events.
                if (previous.Deleted is null)
                {
                    Settle(previous.Scope, now + SettlingTime);
                }

                End(previous.Scope, now);
            }

            if (scope != MutationScope.None)
            {
                if (_requests.Count >= MaximumFollowed)
                {
                    Raise(ref _settingsSettleAt, maySet ? now + RequestTimeout : long.MinValue);
                    Settle(scope, now + RequestTimeout);
                    End(scope, now);
                }
                else
                {
                    // Running before the number moves: nobody confirms anything under the new number before the end.
                    _requests[thread] = new RunningRequest(scope, deleted, now + RequestTimeout, maySet);
                    Recount();
                    Move(scope, now);
                }
            }

            Recount();
        }
    }

    /// <summary>An instance was stored; its commit is done and the client does not know yet.</summary>
    public void InstanceStored(long now) => Move(MutationScope.Content, now);

    public void ResourceDeleted(Resource resource, long now)
    {
        if (Volatile.Read(ref _running) != 0)
        {
            lock (_lock)
            {
                foreach (var (thread, request) in _requests)
                {
                    if (request.Deleted == resource)
                    {
                        _requests[thread] = request with { Timeout = Math.Min(request.Timeout, now + SettlingTime) };
                        break;
                    }
                }

                Move(MutationScope.Content, now);
                Recount();
            }
        }
        else
        {
            Move(MutationScope.Content, now);
        }
    }

    public void Changed(MutationScope scope, long now) => Move(scope, now);

    public void JobSubmitted(Digest128 job, long now)
    {
        lock (_lock)
        {
            if (_jobs.Count >= MaximumFollowed)
            {
                Settle(MutationScope.Content, now + RequestTimeout);
                End(MutationScope.Content, now);
            }
            else
            {
                _jobs.Add(job);
                Recount();
                Move(MutationScope.Content, now);
            }

            Recount();
        }
    }

    /// <summary>A job ended, well or not; events of what it did may still come.</summary>
    public void JobEnded(Digest128 job, long now)
    {
        lock (_lock)
        {
            _jobs.Remove(job);
            End(MutationScope.Content, now);
            Recount();
        }
    }

    private void Move(MutationScope scope, long now)
    {
        if (scope != MutationScope.None)
        {
            Volatile.Write(ref _movedAt, now);
        }

        if (scope == MutationScope.Content)
        {
            Interlocked.Increment(ref _content);
        }

        if (scope != MutationScope.None)
        {
            Interlocked.Increment(ref _any);
        }
    }

    /// <summary>Something ended of which we were or will be told too little: what was confirmed before it is not to be trusted.</summary>
    private void End(MutationScope scope, long now)
    {
        if (scope == MutationScope.Content)
        {
            Raise(ref _deepBefore, Interlocked.Read(ref _content) + 1); // before the number moves: who reads the new one reads this, too
        }

        Move(scope, now);
        if (scope == MutationScope.Content)
        {
            Raise(ref _deepBefore, Interlocked.Read(ref _content));
        }
    }

    private void Settle(MutationScope scope, long at)
    {
        Raise(ref _anySettlesAt, at);
        if (scope == MutationScope.Content)
        {
            Raise(ref _contentSettlesAt, at);
        }
    }

    private static void Raise(ref long value, long least)
    {
        for (var present = Interlocked.Read(ref value); present < least;)
        {
            var seen = Interlocked.CompareExchange(ref value, least, present);
            if (seen == present)
            {
                return;
            }

            present = seen;
        }
    }

    private void EndTimedOut(long now)
    {
        lock (_lock)
        {
            foreach (var (thread, request) in _requests)
            {
                if (now >= request.Timeout)
                {
                    _requests.Remove(thread);
                    End(request.Scope, now);
                }
            }

            Recount();
        }
    }

    private void Recount()
    {
        var content = _jobs.Count;
        var settings = 0;
        var next = long.MaxValue;
        foreach (var request in _requests.Values)
        {
            content += request.Scope == MutationScope.Content ? 1 : 0;
            settings += request.MaySet ? 1 : 0;
            next = Math.Min(next, request.Timeout);
        }

        Volatile.Write(ref _nextTimeout, next);
        Volatile.Write(ref _runningContent, content);
        Volatile.Write(ref _runningSettings, settings);
        Volatile.Write(ref _running, _requests.Count + _jobs.Count);
    }

    private readonly record struct RunningRequest(MutationScope Scope, Resource? Deleted, long Timeout, bool MaySet);
}

/// <summary>The revision at one moment. Read it before asking the origin; what the origin then says is current for this mark.</summary>
/// <param name="Content">Moves with every sign of a change of DICOM content, as <paramref name="Any"/> does with any sign.</param>
/// <param name="ContentSettled">False while something may have changed of which no sign has come yet.</param>
/// <param name="MovedAt">When <paramref name="Any"/> moved last, in ticks of 100 ns.</param>
/// <param name="DeepBefore">What was confirmed under a lower <paramref name="Content"/> must be read deeply: something may have been deleted.</param>
public readonly record struct RevisionMark(
    long Content, long Any, bool ContentSettled, bool AnySettled, long MovedAt, long DeepBefore, bool SettingsSettled);

public enum MutationScope
{
    None,

    Annotations, // attachments of users, metadata, labels: only volatile routes depend on them

    Content, // DICOM content: everything depends on it
}

public static class MonotonicTime
{
    /// <summary>Ticks of 100 ns since an arbitrary moment; unlike the wall clock it never steps.</summary>
    public static long GetTimestampTicks(this TimeProvider time)
    {
        var perTick = time.TimestampFrequency / TimeSpan.TicksPerSecond;
        return perTick * TimeSpan.TicksPerSecond == time.TimestampFrequency
            ? time.GetTimestamp() / perTick
            : (long)(time.GetTimestamp() * ((double)TimeSpan.TicksPerSecond / time.TimestampFrequency));
    }
}
