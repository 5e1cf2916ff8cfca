using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>
/// The resources that were deleted and of which something may be held still, in memory and on disk. What is taken to be worked on is
/// given back where that fails. Bounded; thread-safe.
/// </summary>
/// <param name="now">Ticks of the clock; nobody has listened before.</param>
internal sealed class Deletions(long now)
{
    private readonly Lock _lock = new();
    private HashSet<Resource> _onDisk = [];
    private List<Resource> _inMemory = [];
    private bool _isAllToBeChecked = true;
    private long _first = now;
    private long _last = now;

    /// <summary>When what is on disk is to be removed, in ticks; null where there is nothing.</summary>
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

    /// <summary>A resource was deleted.</summary>
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
                _inMemory.Add(resource); // beyond, it is what nobody asks for and gives way to others
            }
        }
    }

    /// <summary>Takes what memory is to forget.</summary>
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

    /// <summary>Takes what is to be removed from the disk.</summary>
    /// <param name="isAllToBeChecked">Whether there may be others, to be found by asking about each resource of which something is stored.</param>
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
