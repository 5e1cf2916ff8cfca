using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>Resources to be warmed, each at most once: the smallest level first, within a level in the order of arrival. Where it is full, one that
/// waits for another try gives way, or else the oldest of the largest level. Thread-safe; called on Orthanc's event thread, so every member takes
/// microseconds.</summary>
public sealed class WarmUpQueue
{
    public const int DefaultCapacity = 1 << 14; // about 200 bytes each

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

    public long Dropped => Interlocked.Read(ref _dropped); // resources that gave way because the queue was full

    /// <summary>False where it waits already, or there is no room.</summary>
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

    /// <summary>The resource has changed or was deleted: it does not wait any more, and a worker stops after the current route.</summary>
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
    /// <param name="wait">Where there is none: the time until the next one is due; null where none waits.</param>
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

    /// <param name="item">What was taken.</param>
    /// <param name="retryAt">When to try again what remains, in ticks of the monotonic clock; null where it is done.</param>
    public void GiveBack(WarmUpItem item, long? retryAt)
    {
        lock (_lock)
        {
            _running.Remove(item);
            if (retryAt is not { } due || item.IsCanceled || _items.ContainsKey(item.Resource))
            {
                return; // the one added meanwhile does all of it again; what is cached already costs little
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

    /// <summary>Lets whoever was tried in vain and waits longest for the next try go, or else the oldest of the largest level, if that is no smaller
    /// than who wants the place.</summary>
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

/// <summary>A resource to be warmed. Belongs to the queue; while it is taken, to one thread.</summary>
public sealed class WarmUpItem
{
    private int _isCanceled;

    internal WarmUpItem(Resource resource, int routes)
    {
        Resource = resource;
        Remaining = routes >= 64 ? ulong.MaxValue : (1UL << routes) - 1;
    }

    public Resource Resource { get; }

    /// <summary>One bit for each route still to be done, in the order of the configuration; the last stands for all beyond 63.</summary>
    public ulong Remaining { get; internal set; }

    public int Attempts { get; internal set; } // tries that did not finish it

    public bool IsCanceled => Volatile.Read(ref _isCanceled) != 0; // true as soon as the resource has changed or was deleted

    /// <summary>When it may be taken, in ticks of the monotonic clock; 0 for at once.</summary>
    internal long DueAt { get; set; }

    internal long Number { get; set; }

    /// <summary>Its place in the list of its level; null while it is delayed or taken.</summary>
    internal LinkedListNode<WarmUpItem>? Node { get; set; }

    internal void Cancel() => Volatile.Write(ref _isCanceled, 1);
}
