using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>Takes what is held of resources out of the store and out of memory. Thread-safe; asks the origin.</summary>
/// <param name="store">Where answers are kept.</param>
/// <param name="api">Tells what is below a resource.</param>
/// <param name="forget">Takes answers out of memory.</param>
public sealed class EntryRemover(IEntryStore store, OrthancApi api, Action<KeyPrefixes> forget)
{
    /// <summary>Resources that one removal goes through, at about 50 bytes and one comparison per entry and bit; beyond, all goes.</summary>
    public const int MaximumResources = 250_000;

    /// <summary>Entries up to which the origin is asked of each resource that the store holds whether it still exists.</summary>
    public const long MaximumEntriesChecked = 100_000;

    /// <summary>Removes everything.</summary>
    public int RemoveAll() => Remove(KeyPrefixes.All);

    /// <summary>Removes what is held of a resource and of all below it.</summary>
    /// <param name="resource">If it is gone, nobody can say what was below it. Everything held of resources that are gone is removed then.</param>
    /// <param name="resources">For how many resources entries were looked for.</param>
    /// <returns>The number of entries removed; null where there is no such resource, and nothing was held of it.</returns>
    public int? RemoveWithChildren(Resource resource, out int resources)
    {
        var found = new List<Resource> { resource };
        if (api.Exists(resource))
        {
            var isWhole = api.AddBelow(resource, found, MaximumResources);
            resources = found.Count;
            return isWhole ? Remove(found) : RemoveAll();
        }

        AddGone(found, () => true);
        resources = found.Count;
        var removed = Remove(found);
        return removed > 0 ? removed : null;
    }

    /// <summary>Removes what is held of some resources.</summary>
    public int Remove(IReadOnlyList<Resource> resources) => resources.Count == 0 ? 0 : Remove(Select(resources));

    /// <summary>Takes what memory holds of some resources out of it; what is on disk stays.</summary>
    public void ForgetInMemory(IReadOnlyList<Resource> resources) => forget(Select(resources));

    /// <summary>Whether a resource is known not to exist any more.</summary>
    /// <param name="resource">Of which something may be held.</param>
    /// <param name="goOn">Asked between the questions to the origin; where it says false, nothing is known.</param>
    public bool IsDeleted(Resource resource, Func<bool> goOn) => !api.Exists(resource) && goOn() && api.HasResponded();

    /// <summary>Finds the resources of which something is stored though they do not exist any more.</summary>
    /// <param name="gone">Takes them.</param>
    /// <param name="goOn">Asked before each question to the origin; false ends the search.</param>
    /// <returns>False where it was ended, or would take too long.</returns>
    public bool AddGone(ICollection<Resource> gone, Func<bool> goOn)
    {
        if (store.GetStatus().Entries > MaximumEntriesChecked)
        {
            return false;
        }

        var seen = new HashSet<Resource>(gone);
        foreach (var entry in store.List([]))
        {
            if (!StoredRequest.TryRead(entry.Key.Span, out var request) || !seen.Add(request.Resource))
            {
                continue;
            }

            if (!goOn())
            {
                return false;
            }

            if (IsDeleted(request.Resource, goOn))
            {
                gone.Add(request.Resource);
            }
        }

        return true;
    }

    private static KeyPrefixes Select(IReadOnlyList<Resource> resources)
    {
        var prefixes = new byte[resources.Count][];
        for (var i = 0; i < prefixes.Length; i++)
        {
            prefixes[i] = new byte[RequestKey.ResourcePrefixSize];
            RequestKey.WriteResource(resources[i], prefixes[i]);
        }

        return new KeyPrefixes(prefixes);
    }

    /// <summary>
    /// The disk first: what memory forgot before could be read from it again. What is on its way to either is turned away by the log of
    /// removals.
    /// </summary>
    private int Remove(KeyPrefixes keys)
    {
        var removed = store.Remove(keys);
        forget(keys);
        return removed;
    }
}
