using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>
/// Lets what is held of resources that were deleted from the archive follow them, for privacy: nobody would be served it. It leaves
/// memory at once, and the disk when no deletion has come for <see cref="Quiet"/> or the first one is <see cref="MaximumWait"/> old.
/// </summary>
/// <remarks>
/// To take entries out of the log is to write the rest of it again, so a server that recycles all the time does so no faster than
/// <see cref="BytesPerHour"/>. Deletions that nobody was told of, since the server was stopped, are found once after each start by asking
/// the origin for each resource of which something is stored, as long as that are not too many. What fails is tried again after
/// <see cref="Quiet"/>. Thread-safe; works on a thread of its own.
/// </remarks>
public sealed class DeletedResources : IDisposable
{
    /// <summary>Time without a deletion after which the disk is written.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    /// <summary>The longest time from a deletion, unless the disk was written too much lately.</summary>
    public static readonly TimeSpan MaximumWait = TimeSpan.FromMinutes(10);

    /// <summary>What may be written again per hour.</summary>
    public const long BytesPerHour = 1L << 30;

    private const int StackSize = 4 << 20; // the origin builds its responses on it

    /// <summary>How long the end of the plugin waits for a log that is being written again.</summary>
    private static readonly TimeSpan FinalizeTimeout = TimeSpan.FromSeconds(5);

    private readonly EntryRemover _remover;
    private readonly IEntryStore _store;
    private readonly LoadGate _gate;
    private readonly TimeProvider _time;
    private readonly ILog _log;
    private readonly TimedSignal _signal;
    private readonly TimedSignal _end;
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private readonly HashSet<string> _saidCauses = [];
    private readonly Deletions _deletions;
    private long _notBefore;
    private volatile bool _isStopping;

    public DeletedResources(EntryRemover remover, IEntryStore store, LoadGate gate, TimeProvider time, ILog log)
    {
        _remover = remover;
        _store = store;
        _gate = gate;
        _time = time;
        _log = log;
        _signal = new TimedSignal(time);
        _end = new TimedSignal(time);
        _deletions = new Deletions(time.GetTimestampTicks());
        _thread = new Thread(Run, StackSize) { IsBackground = true, Name = "cache deletions" };
    }

    /// <summary>Starts the thread, once the origin answers.</summary>
    public void Start()
    {
        lock (_lock)
        {
            if (!_isStopping && _thread.ThreadState.HasFlag(ThreadState.Unstarted))
            {
                _thread.Start();
            }
        }
    }

    /// <summary>A resource was deleted. Returns at once.</summary>
    public void Deleted(Resource resource)
    {
        _deletions.Add(resource, _time.GetTimestampTicks());
        _signal.Set();
    }

    /// <summary>Asks the origin no more; does not wait.</summary>
    public void Stop()
    {
        _isStopping = true;
        _signal.Dispose();
    }

    /// <summary>Waits for what is being removed, but not for ever: whoever is late asks the origin nothing any more.</summary>
    public void Dispose()
    {
        Stop();
        lock (_lock)
        {
            if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            {
                return;
            }
        }

        _end.Wait(since: 0, FinalizeTimeout);
        if (_end.Version == 0)
        {
            LogMessages.RemovalStillBusy(_log);
        }
        else
        {
            _thread.Join();
        }
    }

    /// <summary>Does what is due; what fails is put off.</summary>
    /// <returns>When to be called again; null where there is nothing to wait for.</returns>
    internal TimeSpan? RunOnce()
    {
        try
        {
            return DoWhatIsDue();
        }
        catch (Exception failure)
        {
            var cause = failure.GetType().Name;
            if (!_isStopping && _saidCauses.Add(cause))
            {
                LogMessages.RemovalFailed(_log, cause);
            }

            _notBefore = Math.Max(_notBefore, _time.GetTimestampTicks() + Quiet.Ticks);
            return Quiet;
        }
    }

    private TimeSpan? DoWhatIsDue()
    {
        ForgetInMemory();
        if (_deletions.Due is not { } due)
        {
            return null;
        }

        var wait = Math.Max(due, _notBefore) - _time.GetTimestampTicks();
        if (wait > 0)
        {
            return TimeSpan.FromTicks(wait);
        }

        if (_store.GetStatus().State != StoreState.Working || _gate.IsBusy())
        {
            return TimeSpan.FromSeconds(1);
        }

        RemoveFromDisk();
        return TimeSpan.Zero;
    }

    private void ForgetInMemory()
    {
        var deleted = _deletions.TakeInMemory();
        if (deleted.Count == 0)
        {
            return;
        }

        try
        {
            _remover.ForgetInMemory(deleted);
        }
        catch
        {
            _deletions.GiveBackInMemory(deleted);
            throw;
        }
    }

    private void RemoveFromDisk()
    {
        var deleted = _deletions.TakeOnDisk(out var isAllToBeChecked);
        try
        {
            Remove(deleted, isAllToBeChecked);
        }
        catch
        {
            _deletions.GiveBackOnDisk(deleted, isAllToBeChecked);
            throw;
        }
    }

    private void Remove(HashSet<Resource> deleted, bool isAllToBeChecked)
    {
        // What has come back, as an instance that was overwritten does, is let alone.
        var gone = new List<Resource>();
        foreach (var resource in deleted)
        {
            if (GoesOn() && _remover.IsDeleted(resource, GoesOn))
            {
                gone.Add(resource);
            }
        }

        if (isAllToBeChecked)
        {
            _ = _remover.AddGone(gone, GoesOn);
        }

        var bytes = _store.GetStatus().BytesOnDisk;
        if (!_isStopping && _remover.Remove(gone) > 0)
        {
            _notBefore = _time.GetTimestampTicks() + (long)(TimeSpan.TicksPerHour * ((double)bytes / BytesPerHour));
        }
    }

    /// <summary>Clients first. False once it is time to stop.</summary>
    private bool GoesOn()
    {
        while (!_isStopping && _gate.IsBusy())
        {
            _signal.Wait(_signal.Version, LoadGate.Interval);
        }

        return !_isStopping;
    }

    private void Run()
    {
        try
        {
            TimeSpan? wait;
            long version;
            do
            {
                version = _signal.Version;
                wait = _isStopping ? null : RunOnce();
            }
            while (!_isStopping && (wait == TimeSpan.Zero || _signal.Wait(version, wait)));
        }
        catch (Exception)
        {
            // What is deleted stays on disk until it expires, and is never served; what left this thread would end the process.
        }
        finally
        {
            _end.Set();
        }
    }
}
