using System.Buffers;
using System.Collections.Concurrent;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>A store in a dictionary. Writes at once, or, where told so, when it is flushed.</summary>
internal sealed class MemoryStore : IEntryStore
{
    private readonly ConcurrentQueue<PendingEntry> _pending = new();
    private readonly MemoryBudget _outstanding = new(long.MaxValue);

    public ConcurrentDictionary<string, (byte[] Value, long CreatedAt)> Entries { get; } = new();

    /// <summary>Keep what is written in a queue until <see cref="Drain"/>.</summary>
    public bool IsLazy { get; set; }

    /// <summary>Entries that were read and not given back.</summary>
    public long Outstanding => _outstanding.Used;

    /// <summary>Thrown by reads and writes.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Called when an entry was read, before anybody sees it.</summary>
    public Action? OnRead { get; set; }

    public RemovalLog Removals { get; } = new();

    public bool TryRead(ReadOnlySpan<byte> key, out StoredEntry entry)
    {
        ThrowIfAsked();
        var found = Entries.TryGetValue(Convert.ToHexString(key), out var value);
        entry = found ? Copy(value.Value, value.CreatedAt) : default;
        if (found)
        {
            OnRead?.Invoke();
        }

        return found;
    }

    /// <summary>What every entry is refused for.</summary>
    public StoreRejection Refusal { get; set; }

    public bool TryAdmit(PendingEntry entry, out StoreRejection rejection)
    {
        rejection = Refusal;
        if (rejection != StoreRejection.None)
        {
            entry.Dispose();
        }

        return rejection == StoreRejection.None;
    }

    public bool TryEnqueue(PendingEntry entry)
    {
        ThrowIfAsked();
        _pending.Enqueue(entry);
        return IsLazy || Drain(TimeSpan.Zero);
    }

    public bool Drain(TimeSpan timeout)
    {
        while (_pending.TryDequeue(out var entry))
        {
            using (entry)
            {
                if (Removals.MayHaveRemoved(entry.Since, entry.Key))
                {
                    continue;
                }

                var value = new ArrayBufferWriter<byte>();
                entry.Encode(value);
                Entries[Convert.ToHexString(entry.Key)] = (value.WrittenSpan.ToArray(), entry.CreatedAt);
            }
        }

        return true;
    }

    public int Remove(KeyPrefixes keys)
    {
        var selected = Entries.Keys.Where(k => keys.Match(Convert.FromHexString(k))).ToList();
        selected.ForEach(k => Entries.TryRemove(k, out _));
        Removals.Add(keys);
        return selected.Count;
    }

    public IReadOnlyList<EntryInfo> List(ReadOnlySpan<byte> keyPrefix) => throw new NotSupportedException();

    public StoreStatus GetStatus() => new() { State = StoreState.Working };

    public void Dispose()
    {
    }

    private void ThrowIfAsked()
    {
        if (Failure is not null)
        {
            throw Failure;
        }
    }

    private StoredEntry Copy(byte[] value, long createdAt)
    {
        _outstanding.TryTake(1, TimeSpan.Zero);
        var buffer = new SharedBuffer(value.Length, _outstanding, 1);
        value.CopyTo(buffer.Span);
        return new StoredEntry(buffer, .., createdAt);
    }
}
