using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Freshness;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>Purges entries of resources deleted from Orthanc: from memory at once, from disk when no deletion has come for a while. Deletions that
/// the server did not hear of are found once after each start, by asking the origin for each resource with an entry, as long as there are not too
/// many. What fails is tried again. Thread-safe; works on a thread of its own.</summary>
public sealed class DeletedResources : IDisposable
{
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30); // without a deletion, before the disk is written

    public static readonly TimeSpan MaximumWait = TimeSpan.FromMinutes(10); // from the first deletion, unless much was purged lately

    /// <summary>How much of a store is gone through per hour, so that a server that recycles all the time does not do that all the time.</summary>
    public const long BytesPerHour = 1L << 30;

    private const int StackSize = 4 << 20; // the origin builds its responses on it

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

    /// <summary>Returns at once.</summary>
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

    /// <summary>Waits for a purge that is under way, up to a timeout, after which it asks the origin nothing more.</summary>
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

    /// <summary>Does what is due. Returns when to be called again, null where there is nothing to wait for.</summary>
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
        // A resource that is back, as an overwritten instance is, keeps its entries.
        var removed = new List<Resource>();
        foreach (var resource in deleted)
        {
            if (GoesOn() && _remover.IsDeleted(resource, GoesOn))
            {
                removed.Add(resource);
            }
        }

        if (isAllToBeChecked)
        {
            _ = _remover.AddDeleted(removed, GoesOn);
        }

        var bytes = _store.GetStatus().BytesOnDisk;
        if (!_isStopping && _remover.Remove(removed) > 0)
        {
            _notBefore = _time.GetTimestampTicks() + (long)(TimeSpan.TicksPerHour * ((double)bytes / BytesPerHour));
        }
    }

    /// <summary>Waits while clients keep the server busy; false once it is time to stop.</summary>
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
            // Entries stay on disk until they expire, and are never served; an exception that left this thread would end the process.
        }
        finally
        {
            _end.Set();
        }
    }
}

/// <summary>The resources that were deleted and may have entries, in memory and on disk. What is taken is given back where the work fails. Bounded;
/// thread-safe.</summary>
internal sealed class Deletions(long now)
{
    private readonly Lock _lock = new();
    private HashSet<Resource> _onDisk = [];
    private List<Resource> _inMemory = [];
    private bool _isAllToBeChecked = true;
    private long _first = now;
    private long _last = now;

    /// <summary>Ticks; null where nothing is to be removed from disk.</summary>
    public long? Due
    {
        get
        {
            lock (_lock)
            {
                return _onDisk.Count == 0 && !_isAllToBeChecked
                    ? null
                    : Math.Min(_last + DeletedResources.Quiet.Ticks, _first + DeletedResources.MaximumWait.Ticks);
            }
        }
    }

    public void Add(Resource resource, long at)
    {
        lock (_lock)
        {
            _last = at;
            if (_onDisk.Count == 0 && !_isAllToBeChecked)
            {
                _first = at;
            }

            if (_onDisk.Count < EntryRemover.MaximumResources)
            {
                _onDisk.Add(resource);
            }
            else
            {
                _isAllToBeChecked = true;
            }

            if (_inMemory.Count < EntryRemover.MaximumResources)
            {
                _inMemory.Add(resource); // more than that is evicted, as nobody asks for it
            }
        }
    }

    public List<Resource> TakeInMemory()
    {
        lock (_lock)
        {
            var taken = _inMemory;
            _inMemory = [];
            return taken;
        }
    }

    public void GiveBackInMemory(List<Resource> taken)
    {
        lock (_lock)
        {
            if (_inMemory.Count + taken.Count <= EntryRemover.MaximumResources)
            {
                _inMemory.AddRange(taken);
            }
        }
    }

    /// <summary>Also says whether there may be others, to be found by asking about each resource with an entry.</summary>
    public HashSet<Resource> TakeOnDisk(out bool isAllToBeChecked)
    {
        lock (_lock)
        {
            var taken = _onDisk;
            isAllToBeChecked = _isAllToBeChecked;
            _onDisk = [];
            _isAllToBeChecked = false;
            return taken;
        }
    }

    public void GiveBackOnDisk(HashSet<Resource> taken, bool isAllToBeChecked)
    {
        lock (_lock)
        {
            _isAllToBeChecked |= isAllToBeChecked;
            if (_onDisk.Count + taken.Count <= EntryRemover.MaximumResources)
            {
                _onDisk.UnionWith(taken);
            }
            else
            {
                _isAllToBeChecked = true;
            }
        }
    }
}
