using System.Diagnostics;
using OrthancCachePlugin.Core.Storage;
using OrthancCachePlugin.StoreTorture;

var dir = args[0];
using var store = new FasterEntryStore(new StoreOptions { Directory = dir, MaximumBytes = 64 << 20, MemoryBytes = 16 << 20 }, new ConsoleLog(), TimeProvider.System);
while (store.GetStatus().State == StoreState.Recovering) store.Maintain(TimeSpan.FromSeconds(1));
Console.WriteLine(store.GetStatus());
for (var i = 0; i < 5000; i++)
{
    store.TryEnqueue(new Entry(BitConverter.GetBytes(i), new byte[20000]));
    if (i % 500 == 0) { store.Drain(TimeSpan.FromSeconds(5)); }
}
store.Drain(TimeSpan.FromSeconds(10));
var hits = 0;
for (var i = 0; i < 5000; i++) if (store.TryRead(BitConverter.GetBytes(i), out var e)) { hits++; e.Dispose(); }
Console.WriteLine($"hits {hits}");
var key = BitConverter.GetBytes(4999);
store.TryRead(key, out var x); x!.Dispose();
var before = GC.GetAllocatedBytesForCurrentThread();
var t = Stopwatch.GetTimestamp();
for (var i = 0; i < 1_000_000; i++) { store.TryRead(key, out var e); e!.Dispose(); }
Console.WriteLine($"{Stopwatch.GetElapsedTime(t).TotalNanoseconds / 1e6:F0} ns per hit of 20 KB, {(GC.GetAllocatedBytesForCurrentThread() - before) / 1e6} B each");
Console.WriteLine(store.List([]).Count);
Console.WriteLine(store.Remove(BitConverter.GetBytes(4999)));
Console.WriteLine(store.GetStatus());
