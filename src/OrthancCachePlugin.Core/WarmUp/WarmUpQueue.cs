using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>
/// The resources that are to be warmed: each at most once, the smallest level first and within a level in the order of arrival.
/// Bounded: where it is full, one that was tried in vain gives way, or else the oldest of the largest level, because what came last is
/// looked at first. Thread-safe; no
/// member takes longer than a few microseconds, for they are called on Orthanc's event thread.
/// </summary>
public sealed class WarmUpQueue
{
    /// <summary>Resources that wait at most; about 200 bytes each.</summary>
    public const int DefaultCapacity = 1 << 14;

    private readonly Lock _lock = new();
    private readonly Dictionary<Resource, WarmUpItem> _items = [];
    private readonly LinkedList<WarmUpItem>[] _ready;
    private readonly SortedSet<WarmUpItem> _delayed = new(Comparer<WarmUpItem>.Create(
        static (a, b) => a.DueAt != b.DueAt ? a.DueAt.CompareTo(b.DueAt) : a.Number.CompareTo(b.Number)));

    private readonly HashSet<WarmUpItem> _running = [];
    private readonly WarmUpRoutes _routes;
    private readonly int _capacity;
    private long _number;
    private long _dropped;

    public WarmUpQueue(WarmUpRoutes routes, int capacity = DefaultCapacity)
    {
        _routes = routes;
        _capacity = capacity;
        _ready = [new(), new(), new(), new()];
    }

    /// <summary>Resources that wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _items.Count;
            }
        }
    }

    /// <summary>Resources that are being warmed.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _running.Count;
            }
        }
    }

    /// <summary>Resources that gave way because the queue was full.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Adds a resource, unless it waits already.</summary>
    /// <returns>True where it was added.</returns>
    public bool Add(Resource resource)
    {
        lock (_lock)
        {
            var routes = _routes.Of(resource.Level).Count;
            if (routes == 0 || _items.ContainsKey(resource) || (_items.Count >= _capacity && !MakeRoom(resource.Level)))
            {
                return false;
            }

            var item = new WarmUpItem(resource, routes) { Number = ++_number };
            _items.Add(resource, item);
            item.Node = _ready[(int)resource.Level].AddLast(item);
            return true;
        }
    }

    /// <summary>The resource has changed or gone: it does not wait any more, and whoever is at it stops after the present route.</summary>
    public void Cancel(Resource resource)
    {
        lock (_lock)
        {
            if (_items.TryGetValue(resource, out var item))
            {
                Remove(item);
            }

            foreach (var running in _running)
            {
                if (running.Resource == resource)
                {
                    running.Cancel();
                }
            }
        }
    }

    /// <summary>Takes the next resource that may be done now.</summary>
    /// <param name="now">Ticks of the monotonic clock.</param>
    /// <param name="wait">Where there is none: how long until the next one is due, or null for no time at all.</param>
    public WarmUpItem? TryTake(long now, out TimeSpan? wait)
    {
        wait = null;
        lock (_lock)
        {
            while (_delayed.Min is { } first)
            {
                if (first.DueAt > now)
                {
                    wait = TimeSpan.FromTicks(first.DueAt - now);
                    break;
                }

                _delayed.Remove(first);
                first.DueAt = 0;
                first.Node = _ready[(int)first.Resource.Level].AddLast(first);
            }

            for (var level = ResourceLevel.Instance; level >= ResourceLevel.Patient && level <= ResourceLevel.Instance; level--)
            {
                if (_ready[(int)level].First is { } node)
                {
                    Remove(node.Value);
                    _running.Add(node.Value);
                    return node.Value;
                }
            }

            return null;
        }
    }

    /// <summary>Gives back what was taken: done, or to be tried again.</summary>
    /// <param name="item">What was taken.</param>
    /// <param name="retryAt">When to try again what remains, in ticks of the monotonic clock; null where it is over.</param>
    public void GiveBack(WarmUpItem item, long? retryAt)
    {
        lock (_lock)
        {
            _running.Remove(item);
            if (retryAt is not { } due || item.IsCanceled || _items.ContainsKey(item.Resource))
            {
                return; // whoever came meanwhile does all of it again, and what is held already costs little
            }

            if (_items.Count >= _capacity && !MakeRoom(item.Resource.Level))
            {
                return;
            }

            item.DueAt = due;
            item.Number = ++_number;
            _items.Add(item.Resource, item);
            _delayed.Add(item);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (var item in _items.Values.ToArray())
            {
                Remove(item);
            }

            foreach (var item in _running)
            {
                item.Cancel();
            }
        }
    }

    /// <summary>
    /// Lets whoever was tried in vain and waits longest for the next try go, or else the oldest of the largest level, if that is no
    /// smaller than who wants the place.
    /// </summary>
    private bool MakeRoom(ResourceLevel level)
    {
        Interlocked.Increment(ref _dropped);
        if (_delayed.Max is { } last)
        {
            Remove(last);
            return true;
        }

        for (var largest = ResourceLevel.Patient; largest <= level; largest++)
        {
            if (_ready[(int)largest].First is { } node)
            {
                Remove(node.Value);
                return true;
            }
        }

        return false;
    }

    private void Remove(WarmUpItem item)
    {
        _items.Remove(item.Resource);
        if (item.Node is not null)
        {
            _ready[(int)item.Resource.Level].Remove(item.Node);
            item.Node = null;
        }
        else
        {
            _delayed.Remove(item);
        }
    }
}
