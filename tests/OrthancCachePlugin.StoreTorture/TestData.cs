using System.Buffers.Binary;
using OrthancCachePlugin.Core.Storage;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>Keys, and values that belong to one key and to no other, so that a wrong byte shows.</summary>
public static class TestData
{
    /// <summary>A key with a tail that makes its length vary.</summary>
    public static byte[] Key(int id, int version)
    {
        var key = new byte[8 + (id % 61)];
        BinaryPrimitives.WriteInt32LittleEndian(key, id);
        BinaryPrimitives.WriteInt32LittleEndian(key.AsSpan(4), version);
        key.AsSpan(8).Fill((byte)id);
        return key;
    }

    /// <summary>Between 0 and 40 KB, most of them small; one in two hundred 200 KB.</summary>
    public static byte[] Value(int id, int version)
    {
        var random = new Random((id * 7919) + version);
        var value = new byte[id % 200 == 7 ? 200_000 : random.Next(1 << random.Next(4, 16))];
        random.NextBytes(value);
        return value;
    }

    /// <summary>Compares what the store holds with what was written.</summary>
    /// <returns>Hits and wrong values.</returns>
    public static (int Hits, int Wrong) Verify(FasterEntryStore store, int keys, int versions)
    {
        int hits = 0, wrong = 0;
        for (var id = 0; id < keys; id++)
        {
            for (var version = 0; version < versions; version++)
            {
                if (store.TryRead(Key(id, version), out var entry))
                {
                    hits++;
                    wrong += entry.Value.SequenceEqual(Value(id, version)) ? 0 : 1;
                    entry.Dispose();
                }
            }
        }

        return (hits, wrong);
    }

    /// <summary>Waits until the store has made up its mind.</summary>
    public static void WaitUntilOpen(FasterEntryStore store)
    {
        while (store.GetStatus().State != StoreState.Working)
        {
            store.Maintain(TimeSpan.FromMilliseconds(100));
        }
    }
}
