using OrthancCachePlugin.Core.Origin;
using OrthancCachePlugin.Core.Routing;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Core.Administration;

/// <summary>Removes entries of resources from the store and from memory. Thread-safe; asks the origin what is below a resource.</summary>
public sealed class EntryRemover(IEntryStore store, OrthancApi api, Action<KeyPrefixes> forget)
{
    /// <summary>Resources in one removal, at about 50 bytes and one comparison per entry and bit; beyond, everything is removed.</summary>
    public const int MaximumResources = 250_000;

    /// <summary>Entries up to which the origin is asked for each resource of the store whether it exists.</summary>
    public const long MaximumEntriesChecked = 100_000;

    public int RemoveAll() => Remove(KeyPrefixes.All);

    /// <summary>Removes the entries of a resource and of all below it. Where it does not exist, nobody can say what was below it: the entries of all
    /// deleted resources are removed. Null where there was nothing at all.</summary>
    public int? RemoveWithChildren(Resource resource, out int resources)
    {
        var found = new List<Resource> { resource };
        if (api.Exists(resource))
        {
            var isWhole = api.AddBelow(resource, found, MaximumResources);
            resources = found.Count;
            return isWhole ? Remove(found) : RemoveAll();
        }

        AddDeleted(found, () => true);
        resources = found.Count;
        var removed = Remove(found);
        return removed > 0 ? removed : null;
    }

    public int Remove(IReadOnlyList<Resource> resources) => resources.Count == 0 ? 0 : Remove(Select(resources));

    public void ForgetInMemory(IReadOnlyList<Resource> resources) => forget(Select(resources));

    /// <summary>Whether a resource is known not to exist. Where goOn says false between two questions to the origin, nothing is known.</summary>
    public bool IsDeleted(Resource resource, Func<bool> goOn) => !api.Exists(resource) && goOn() && api.HasResponded();

    /// <summary>Adds the resources that have entries but do not exist. False where goOn ended the search, or it would take too long.</summary>
    public bool AddDeleted(ICollection<Resource> deleted, Func<bool> goOn)
    {
        if (store.GetStatus().Entries > MaximumEntriesChecked)
        {
            return false;
        }

        var seen = new HashSet<Resource>(deleted);
        foreach (var entry in store.List([]))
        {
            if (!RequestKey.TryReadResource(entry.Key.Span, out var resource) || !seen.Add(resource))
            {
                continue;
            }

            if (!goOn())
            {
                return false;
            }

            if (IsDeleted(resource, goOn))
            {
                deleted.Add(resource);
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

    /// <summary>The disk first, as memory could be filled from it again. What is on its way to either is rejected by the log of removals.</summary>
    private int Remove(KeyPrefixes keys)
    {
        var removed = store.Remove(keys);
        forget(keys);
        return removed;
    }
}
