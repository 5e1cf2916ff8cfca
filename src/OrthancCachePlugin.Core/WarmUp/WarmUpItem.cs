using OrthancCachePlugin.Core.Routing;

namespace OrthancCachePlugin.Core.WarmUp;

/// <summary>A resource that is to be warmed. Belongs to the queue, and from taking to giving back to one thread.</summary>
public sealed class WarmUpItem
{
    private int _isCanceled;

    internal WarmUpItem(Resource resource, int routes)
    {
        Resource = resource;
        Remaining = routes >= 64 ? ulong.MaxValue : (1UL << routes) - 1;
    }

    public Resource Resource { get; }

    /// <summary>One bit for each route that is still to be done, in the order of the configuration; beyond 64 they go together.</summary>
    public ulong Remaining { get; internal set; }

    /// <summary>How often it was tried in vain.</summary>
    public int Attempts { get; internal set; }

    /// <summary>True as soon as the resource has changed or gone: what is still to be done would be in vain.</summary>
    public bool IsCanceled => Volatile.Read(ref _isCanceled) != 0;

    /// <summary>When it may be taken, in ticks of the monotonic clock; 0 for at once.</summary>
    internal long DueAt { get; set; }

    /// <summary>Order of arrival, which makes items with the same time distinct.</summary>
    internal long Number { get; set; }

    /// <summary>Its place among those that wait for no time; null while it waits for one or is being done.</summary>
    internal LinkedListNode<WarmUpItem>? Node { get; set; }

    internal void Cancel() => Volatile.Write(ref _isCanceled, 1);
}
