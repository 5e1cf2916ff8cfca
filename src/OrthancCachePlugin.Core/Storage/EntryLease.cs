using System.Collections.Concurrent;
using System.Numerics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// A verified copy of an entry in a pooled buffer. Dispose gives the buffer back; doing so again has no effect, even when another lease has
/// the buffer by then.
/// </summary>
public readonly struct EntryLease : IDisposable
{
    private readonly LeaseHolder? _holder;
    private readonly long _turn;

    public EntryLease(LeaseHolder holder)
    {
        ArgumentNullException.ThrowIfNull(holder);
        _holder = holder;
        _turn = holder.Turn;
    }

    /// <summary>Unix milliseconds.</summary>
    public long CreatedAt => Holder.CreatedAt;

    public ReadOnlySpan<byte> Value => Holder.Value;

    private LeaseHolder Holder =>
        _holder is { } holder && holder.Turn == _turn ? holder : throw new ObjectDisposedException(nameof(EntryLease));

    public void Dispose() => _holder?.End(_turn);
}

/// <summary>What an <see cref="EntryLease"/> lends; may be used again once that lease has ended.</summary>
public abstract class LeaseHolder
{
    private long _turn;

    public abstract long CreatedAt { get; }

    public abstract ReadOnlySpan<byte> Value { get; }

    internal long Turn => Volatile.Read(ref _turn);

    internal void End(long turn)
    {
        if (Interlocked.CompareExchange(ref _turn, turn + 1, turn) == turn)
        {
            GiveBack();
        }
    }

    protected abstract void GiveBack();
}

internal sealed class PooledLease(LeasePool owner) : LeaseHolder
{
    private byte[] buffer = [];
    private Range range;
    private long createdAt;
    private long taken;

    public override long CreatedAt => createdAt;

    public override ReadOnlySpan<byte> Value => buffer.AsSpan(range);

    public void Fill(byte[] held, Range value, long created, long budgetTaken)
    {
        range = value;
        createdAt = created;
        taken = budgetTaken;
        buffer = held;
    }

    protected override void GiveBack()
    {
        var held = buffer;
        buffer = [];
        range = default;
        owner.Return(this, held, taken);
    }
}

/// <summary>Thread-safe.</summary>
internal sealed class LeasePool(BufferPool buffers, MemoryBudget budget)
{
    private const int MaximumIdle = 256;

    private readonly ConcurrentQueue<PooledLease> idle = new();

    public EntryLease Take(byte[] buffer, Range value, long createdAt, long taken)
    {
        if (!idle.TryDequeue(out var lease))
        {
            lease = new PooledLease(this);
        }

        lease.Fill(buffer, value, createdAt, taken);
        return new EntryLease(lease);
    }

    public void Return(PooledLease lease, byte[] buffer, long taken)
    {
        budget.Give(taken);
        buffers.Return(buffer);
        if (idle.Count < MaximumIdle)
        {
            idle.Enqueue(lease);
        }
    }
}

/// <summary>
/// Byte arrays in powers of two from 1 KiB. Unlike the shared pool of .NET it keeps a bounded number of idle bytes, so that a burst of
/// large values does not stay resident. Thread-safe; arrays are not cleared.
/// </summary>
internal sealed class BufferPool(long idleBytes)
{
    private const int SmallestBits = 10;
    private const int LargestBits = 30;

    private readonly Stack<byte[]>[] idle = CreateStacks();
    private readonly Lock[] locks = CreateLocks();
    private long idleNow;

    public long IdleBytes => Interlocked.Read(ref idleNow);

    public byte[] Rent(int size)
    {
        var index = IndexOf(size);
        lock (locks[index])
        {
            if (idle[index].TryPop(out var buffer))
            {
                Interlocked.Add(ref idleNow, -buffer.Length);
                return buffer;
            }
        }

        return GC.AllocateUninitializedArray<byte>(1 << (index + SmallestBits));
    }

    public void Return(byte[] buffer)
    {
        if (Interlocked.Add(ref idleNow, buffer.Length) > idleBytes)
        {
            Interlocked.Add(ref idleNow, -buffer.Length);
            return;
        }

        var index = IndexOf(buffer.Length);
        lock (locks[index])
        {
            idle[index].Push(buffer);
        }
    }

    private static int IndexOf(int size) => Math.Max(BitOperations.Log2((uint)Math.Max(size, 1) - 1 | 1) + 1, SmallestBits) - SmallestBits;

    private static Stack<byte[]>[] CreateStacks() =>
        [.. Enumerable.Range(0, LargestBits - SmallestBits + 1).Select(static _ => new Stack<byte[]>())];

    private static Lock[] CreateLocks() => [.. Enumerable.Range(0, LargestBits - SmallestBits + 1).Select(static _ => new Lock())];
}

/// <summary>Bounds the bytes that are in use at once: fifty requests for 8 MiB must not become 400 MiB. Thread-safe; not fair.</summary>
internal sealed class MemoryBudget(long total)
{
    private readonly object gate = new();
    private long used;

    public long Used
    {
        get
        {
            lock (gate)
            {
                return used;
            }
        }
    }

    public bool TryTake(long bytes, TimeSpan timeout)
    {
        lock (gate)
        {
            if (bytes > total)
            {
                return false;
            }

            var deadline = Deadline.After(timeout);
            while (used + bytes > total)
            {
                if (deadline.IsOver || !Monitor.Wait(gate, deadline.Rest))
                {
                    return false;
                }
            }

            used += bytes;
            return true;
        }
    }

    public void Give(long bytes)
    {
        if (bytes == 0)
        {
            return;
        }

        lock (gate)
        {
            used -= bytes;
            Monitor.PulseAll(gate);
        }
    }
}
