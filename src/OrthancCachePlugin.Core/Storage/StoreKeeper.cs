using System.Diagnostics;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>Opens the store, looks after it, closes it when it fails, and opens it again, on one thread. Says each change of state once.</summary>
internal sealed class StoreKeeper : IDisposable
{
    private static readonly TimeSpan TrimInterval = TimeSpan.FromSeconds(5);

    private readonly StoreOpener opener;
    private readonly StoreOptions options;
    private readonly ILog log;
    private readonly TimeProvider clock;
    private readonly Thread thread;
    private readonly object gate = new();
    private volatile StoreSession? current;
    private volatile string reason = "";
    private long requestedWipes;
    private long finishedWipes;
    private bool stopping;
    private long requestedRounds;
    private long finishedRounds;
    private long seenRounds;
    private int failures;
    private bool capIsLower;
    private Deadline trimDue;

    public StoreKeeper(StoreOpener opener, StoreOptions options, ILog log, TimeProvider clock)
    {
        this.opener = opener;
        this.options = options;
        this.log = log;
        this.clock = clock;
        thread = new Thread(Run) { IsBackground = true, Name = "cache-keeper" };
    }

    public StoreSession? Current => current is { Failure: null } session ? session : null;

    public string Reason => current switch
    {
        null => reason,
        { Failure: { } failure } => StoreOpener.Describe(failure),
        _ => "",
    };

    public StoreState State => Current is not null ? StoreState.Working : Reason.Length == 0 ? StoreState.Recovering : StoreState.Disabled;

    public long RecoveredEntries { get; private set; }

    public long MeasureBytesOnDisk() => opener.MeasureBytesOnDisk();

    public void Start() => thread.Start();

    public long Now() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    public bool Maintain(TimeSpan timeout)
    {
        var deadline = Deadline.After(timeout);
        lock (gate)
        {
            var target = ++requestedRounds;
            Monitor.PulseAll(gate);
            while (finishedRounds < target)
            {
                if (deadline.IsOver || !Monitor.Wait(gate, deadline.Rest))
                {
                    return finishedRounds >= target;
                }
            }

            return true;
        }
    }

    public void WaitUntilOpen(TimeSpan timeout)
    {
        var deadline = Deadline.After(timeout);
        lock (gate)
        {
            while (State == StoreState.Recovering && !stopping && !deadline.IsOver)
            {
                Monitor.Wait(gate, deadline.Rest);
            }
        }
    }

    /// <summary>Makes the store begin empty: now where it works, else as soon as this process or the next can open it.</summary>
    public void RequestWipe()
    {
        opener.MarkForWipe();
        lock (gate)
        {
            requestedWipes++;
            current?.Fail(new OperationCanceledException());
            requestedRounds++;
            Monitor.PulseAll(gate);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            stopping = true;
            Monitor.PulseAll(gate);
        }

        // The lock, the checkpoint, lookups under way, the log: each has its own timeout.
        thread.Join(options.ShutdownTimeout * 5);
    }

    private void Run()
    {
        bool goesOn;
        do
        {
            try
            {
                goesOn = RunOnce();
            }
            catch (Exception e)
            {
                // What left this thread would end the process.
                var left = current;
                current = null;
                reason = StoreOpener.Describe(e);
                left?.Close(save: false);
                goesOn = Pause(options.RetryInterval);
            }
        }
        while (goesOn);
    }

    private bool RunOnce()
    {
        var wipes = RequestedWipes();
        var session = opener.TryOpen(wipe: failures > 1 || wipes != finishedWipes, out var trouble);
        if (session is null)
        {
            Disable(trouble);
            return Pause(options.RetryInterval);
        }

        finishedWipes = wipes;
        RecoveredEntries = session.RecoveredEntries;
        if (!TryPublish(session, wipes))
        {
            session.Close(save: false);
            return true;
        }

        LogMessages.StoreIsReady(log, session.RecoveredEntries, options.MaximumBytes);
        var cause = LookAfter(session);
        current = null;
        var stop = cause.Length == 0;
        reason = stop ? "closed" : cause;
        failures = session.HasProvenItself ? 1 : failures + 1;
        if (!session.Close(save: stop))
        {
            LogMessages.CloseWasNotClean(log);
        }

        if (stop)
        {
            return false;
        }

        LogMessages.StoreIsDisabled(log, cause);
        return Pause(failures > 1 ? options.RetryInterval : TimeSpan.Zero);
    }

    private string LookAfter(StoreSession session)
    {
        var checkpointDue = Deadline.After(options.CheckpointInterval);
        while (Pause(options.MaintenanceInterval))
        {
            try
            {
                if (session.Failure is null && !session.IsInPlace())
                {
                    return "its directory was removed or replaced";
                }

                Follow(session);
                session.Sweep();
                if (session.IsDirty && (checkpointDue.IsOver || IsAsked()))
                {
                    session.Checkpoint();
                    checkpointDue = Deadline.After(options.CheckpointInterval);
                }
            }
            catch (Exception e)
            {
                session.Fail(e);
            }

            if (session.Failure is { } failure)
            {
                return StoreOpener.Describe(failure);
            }
        }

        return "";
    }

    private long RequestedWipes()
    {
        lock (gate)
        {
            return requestedWipes;
        }
    }

    private bool TryPublish(StoreSession session, long wipes)
    {
        lock (gate)
        {
            if (requestedWipes != wipes)
            {
                return false;
            }

            current = session;
            Monitor.PulseAll(gate);
            return true;
        }
    }

    private void Follow(StoreSession session)
    {
        var lower = session.FollowFreeSpace();
        if (lower != capIsLower)
        {
            capIsLower = lower;
            if (lower)
            {
                LogMessages.DiskIsNearlyFull(log);
            }
        }
    }

    private void Disable(string cause)
    {
        if (cause != reason)
        {
            reason = cause;
            lock (gate)
            {
                Monitor.PulseAll(gate);
            }

            LogMessages.StoreIsDisabled(log, cause);
        }
    }

    private bool IsAsked()
    {
        lock (gate)
        {
            return finishedRounds < requestedRounds;
        }
    }

    private bool Pause(TimeSpan interval)
    {
        if (trimDue.IsOver)
        {
            SharedBuffer.TrimIdle();
            trimDue = Deadline.After(TrimInterval);
        }

        lock (gate)
        {
            finishedRounds = seenRounds;
            Monitor.PulseAll(gate);
            if (!stopping && requestedRounds == finishedRounds)
            {
                Monitor.Wait(gate, interval);
            }

            seenRounds = requestedRounds;
            return !stopping;
        }
    }
}

/// <summary>The end of a timeout, on the monotonic clock: waiting is about threads and disks, not about the age of data.</summary>
internal readonly struct Deadline
{
    private readonly long end;

    private Deadline(long end) => this.end = end;

    public bool IsOver => Stopwatch.GetTimestamp() >= end;

    public TimeSpan Rest
    {
        get
        {
            var rest = end - Stopwatch.GetTimestamp();
            return rest <= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds((double)rest / Stopwatch.Frequency);
        }
    }

    public static Deadline After(TimeSpan timeout) =>
        new(Stopwatch.GetTimestamp() + (long)(Math.Min(timeout.TotalSeconds, 86400) * Stopwatch.Frequency));
}

internal static class Bounded
{
    /// <summary>Runs what may never come back on a thread of its own; returns what it threw, or TimeoutException where it goes on without
    /// us.</summary>
    public static Exception? Run(string name, Action action, TimeSpan timeout)
    {
        Exception? thrown = null;
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                thrown = e;
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return thread.Join(timeout) ? thrown : new TimeoutException();
    }
}
