using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Tests.WarmUp;

/// <summary>A store with the entries and the state that a test gives it.</summary>
internal sealed class ListedStore : IEntryStore
{
    public StoreStatus Status { get; set; } = new() { State = StoreState.Working };

    public Dictionary<string, byte[]> Entries { get; } = [];

    public bool TryRead(ReadOnlySpan<byte> key, out StoredEntry entry)
    {
        var isFound = Entries.TryGetValue(Convert.ToHexString(key), out var value);
        entry = isFound ? new StoredEntry(SharedBuffer.CopyOf(value), .., 1_676_905_200_000) : default;
        return isFound;
    }

    public bool TryEnqueue(PendingEntry entry)
    {
        entry.Dispose();
        return false;
    }

    public bool Drain(TimeSpan timeout) => true;

    /// <summary>What was asked to be removed.</summary>
    public List<KeyPrefixes> Removed { get; } = [];

    public RemovalLog Removals { get; } = new();

    /// <summary>Called first.</summary>
    public Action? OnRemove { get; set; }

    public int Remove(KeyPrefixes keys)
    {
        OnRemove?.Invoke();
        Removed.Add(keys);
        var selected = Entries.Keys.Where(k => keys.Match(Convert.FromHexString(k))).ToList();
        selected.ForEach(k => Entries.Remove(k));
        return selected.Count;
    }

    public IReadOnlyList<EntryInfo> List(ReadOnlySpan<byte> keyPrefix)
    {
        var prefix = Convert.ToHexString(keyPrefix);
        return [.. Entries.Where(e => e.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(e => new EntryInfo(Convert.FromHexString(e.Key), 1_676_905_200_000, e.Value.Length))];
    }

    public StoreStatus GetStatus() => Status;

    public void Dispose()
    {
    }
}
