using OrthancCachePlugin.Core.Diagnostics;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.Core.Versions;
using OrthancCachePlugin.Core.WarmUp;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>
/// Lets what is held of resources that were deleted from the archive follow them, for privacy: nobody would be served it. It leaves
/// memory at once, and the disk when no deletion has come for <see cref="Quiet"/> or the first one is <see cref="LongestWait"/> old.
/// </summary>
/// <remarks>
/// To take entries out of the log is to write the rest of it again, so a server that recycles all the time does so no faster than
/// <see cref="BytesPerHour"/>. Deletions that nobody was told of, since the server was stopped, are found once after each start by asking
/// the core for each resource of which something is stored, as long as that are not too many. Thread-safe; works on a thread of its own.
/// </remarks>
public sealed class GoneEntries : IDisposable
{
    /// <summary>Time without a deletion after which the disk is written.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    /// <summary>The longest time from a deletion, unless the disk was written too much lately.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    /// <summary>What may be written again per hour.</summary>
    public const long BytesPerHour = 1L << 30;

    private const int StackSize = 4 << 20; // the core builds its answers on it
    private readonly EntryRemover _remover;
    private readonly IEntryStore _store;
    private readonly LoadGate _gate;
    private readonly TimeProvider _time;
    private readonly ILog _log;
    private readonly TimedSignal _signal;
    private readonly Thread _thread;
    private readonly Lock _lock = new();
    private HashSet<Resource> _deleted = [];
    private List<Resource> _inMemory = [];
    private bool _isAllToBeChecked = true;
    private long _first;
    private long _last;
    private long _notBefore;
    private volatile bool _isStopping;

    public GoneEntries(EntryRemover remover, IEntryStore store, LoadGate gate, TimeProvider time, ILog log)
    {
        _remover = remover;
        _store = store;
        _gate = gate;
        _time = time;
        _log = log;
        _signal = new TimedSignal(time);
        _first = _last = time.GetTimestampTicks();
        _thread = new Thread(Run, StackSize) { IsBackground = true, Name = "cache deletions" };
    }

    /// <summary>Starts the thread, once the core answers.</summary>
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
        lock (_lock)
        {
            _last = _time.GetTimestampTicks();
            if (_deleted.Count == 0 && !_isAllToBeChecked)
            {
                _first = _last;
            }

            if (_deleted.Count < EntryRemover.MostResources)
            {
                _deleted.Add(resource);
            }
            else
            {
                _isAllToBeChecked = true;
            }

            if (_inMemory.Count < EntryRemover.MostResources)
            {
                _inMemory.Add(resource); // beyond, it is what nobody asks for and gives way to others
            }
        }

        _signal.Set();
    }

    /// <summary>Asks the core no more; does not wait.</summary>
    public void Stop()
    {
        _isStopping = true;
        _signal.Dispose();
    }

    /// <inheritdoc/>
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

        _thread.Join();
    }

    /// <summary>Does what is due.</summary>
    /// <returns>When to be called again; null where there is nothing to wait for.</returns>
    internal TimeSpan? RunOnce()
    {
        var now = _time.GetTimestampTicks();
        List<Resource> inMemory;
        long due;
        lock (_lock)
        {
            inMemory = _inMemory;
            _inMemory = [];
            due = Math.Max(Math.Min(_last + Quiet.Ticks, _first + LongestWait.Ticks), _notBefore);
        }

        if (inMemory.Count > 0)
        {
            _remover.ForgetInMemory(inMemory);
        }

        lock (_lock)
        {
            if (_deleted.Count == 0 && !_isAllToBeChecked)
            {
                return null;
            }
        }

        if (now < due)
        {
            return TimeSpan.FromTicks(due - now);
        }

        if (_store.GetStatus().State != StoreState.Working || _gate.IsBusy())
        {
            return TimeSpan.FromSeconds(1);
        }

        Sweep();
        return TimeSpan.Zero;
    }

    private void Sweep()
    {
        HashSet<Resource> deleted;
        bool isAllToBeChecked;
        lock (_lock)
        {
            deleted = _deleted;
            isAllToBeChecked = _isAllToBeChecked;
            _deleted = [];
            _isAllToBeChecked = false;
        }

        // What has come back, as an instance that was overwritten does, is let alone.
        var gone = new List<Resource>();
        foreach (var resource in deleted)
        {
            if (GoesOn() && _remover.IsGone(resource))
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
        while (!_isStopping)
        {
            var version = _signal.Version;
            TimeSpan? wait;
            try
            {
                wait = RunOnce();
            }
            catch (Exception failure)
            {
                // What was to be removed is gone after its expiration all the same.
                LogMessages.RemovalFailed(_log, failure.GetType().Name);
                return;
            }

            if (wait != TimeSpan.Zero && !_signal.Wait(version, wait))
            {
                return;
            }
        }
    }
}
