using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>A reference to bytes in native memory, which the last reference frees. A copy of this struct is the same reference. A handle of memory
/// that was freed is refused, whoever has the block by then: disposing of it again frees nothing. Thread-safe.</summary>
public readonly unsafe struct SharedBuffer : IDisposable
{
    private const int MaximumIdle = 256;

    // Blocks are used again so that a hit allocates nothing.
    private static readonly ConcurrentQueue<Block> Idle = new();

    private readonly Block? _block;
    private readonly uint _turn;

    /// <summary>Owns what was taken of the budget from here on, even where this throws.</summary>
    internal SharedBuffer(int size, MemoryBudget? budget = null, long taken = 0)
    {
        void* memory;
        long capacity = size;
        try
        {
            memory = LargeMemory.IsLarge(size) ? LargeMemory.Rent(size, out capacity) : NativeMemory.Alloc((nuint)size);
        }
        catch
        {
            budget?.Give(taken);
            throw;
        }

        _block = Idle.TryDequeue(out var idle) ? idle : new Block();
        _turn = _block.Begin(memory, size, capacity, budget, taken);
    }

    public Span<byte> Span => _block is { } block && block.IsAt(_turn) ? block.Bytes : throw new ObjectDisposedException(nameof(SharedBuffer));

    /// <summary>Null where there is no room in the budget now, or no memory.</summary>
    internal static SharedBuffer? TryRent(long size, MemoryBudget budget)
    {
        if (size > int.MaxValue || !budget.TryTake(size, TimeSpan.Zero))
        {
            return null;
        }

        try
        {
            return new SharedBuffer((int)size, budget, size);
        }
        catch (OutOfMemoryException)
        {
            return null;
        }
    }

    internal static SharedBuffer CopyOf(ReadOnlySpan<byte> bytes)
    {
        var copy = new SharedBuffer(bytes.Length);
        bytes.CopyTo(copy.Span);
        return copy;
    }

    /// <summary>Gives the system the memory that is kept for the next.</summary>
    internal static void FreeIdle() => LargeMemory.Clear();

    /// <summary>The same of what nobody has needed since the last call.</summary>
    internal static void TrimIdle() => LargeMemory.Trim();

    public bool TryAddReference() => _block?.TryAdd(_turn) ?? false;

    public SharedBuffer AddReference() => TryAddReference() ? this : throw new ObjectDisposedException(nameof(SharedBuffer));

    public void Dispose()
    {
        if (_block is { } block && block.TryEnd(_turn))
        {
            block.Free();
            if (Idle.Count < MaximumIdle)
            {
                Idle.Enqueue(block);
            }
        }
    }

    private sealed class Block
    {
        private void* _memory;
        private int _size;
        private long _capacity;
        private MemoryBudget? _budget;
        private long _taken;
        private ulong _state; // how often it was freed in the upper half, references in the lower

        public Span<byte> Bytes => new(_memory, _size);

        public uint Begin(void* memory, int size, long capacity, MemoryBudget? budget, long taken)
        {
            _memory = memory;
            _size = size;
            _capacity = capacity;
            _budget = budget;
            _taken = taken;
            return (uint)(Interlocked.Increment(ref _state) >> 32);
        }

        public bool IsAt(uint turn) => Volatile.Read(ref _state) >> 32 == turn;

        public bool TryAdd(uint turn)
        {
            for (var state = Volatile.Read(ref _state); IsAlive(state, turn); state = Volatile.Read(ref _state))
            {
                if (Interlocked.CompareExchange(ref _state, state + 1, state) == state)
                {
                    return true;
                }
            }

            return false;
        }

        /// <summary>True where it was the last reference: the caller frees the memory.</summary>
        public bool TryEnd(uint turn)
        {
            for (var state = Volatile.Read(ref _state); IsAlive(state, turn); state = Volatile.Read(ref _state))
            {
                var isLast = (uint)state == 1;
                if (Interlocked.CompareExchange(ref _state, isLast ? state - 1 + (1UL << 32) : state - 1, state) == state)
                {
                    return isLast;
                }
            }

            return false;
        }

        public void Free()
        {
            if (LargeMemory.IsLarge(_size))
            {
                LargeMemory.Return(_memory, _capacity);
            }
            else
            {
                NativeMemory.Free(_memory);
            }

            _budget?.Give(_taken);
            _memory = null;
            _size = 0;
            _budget = null;
        }

        private static bool IsAlive(ulong state, uint turn) => state >> 32 == turn && (uint)state != 0;
    }
}

/// <summary>
/// Large pieces of native memory, some of which are kept for the next request. Fresh pages cost more than the work on them (36 MB: 176 ms, where
/// used ones take 3), and large pieces that come and go on many threads fill glibc's arenas with holes. Thread-safe.
/// </summary>
internal static unsafe class LargeMemory
{
    private const int Smallest = 256 << 10;
    private const long MaximumIdle = 64 << 20;
    private const long Step = 64 << 10;

    private static readonly Lock Gate = new();
    private static readonly List<(nint Memory, long Capacity)> Idle = []; // the one given back last at the end
    private static long _idleBytes;
    private static long _leastIdle; // bytes that nobody has needed since the last trim

    public static bool IsLarge(int size) => size >= Smallest;

    /// <exception cref="OutOfMemoryException">There is none.</exception>
    public static void* Rent(int size, out long capacity)
    {
        var wanted = (size + Step - 1) / Step * Step;
        lock (Gate)
        {
            var index = Idle.FindLastIndex(i => i.Capacity >= wanted && i.Capacity <= 2 * wanted);
            if (index >= 0)
            {
                var found = Idle[index];
                Idle.RemoveAt(index);
                _idleBytes -= found.Capacity;
                _leastIdle = Math.Min(_leastIdle, _idleBytes);
                capacity = found.Capacity;
                return (void*)found.Memory;
            }
        }

        capacity = wanted;
        return NativeMemory.Alloc((nuint)wanted);
    }

    public static void Return(void* memory, long capacity)
    {
        lock (Gate)
        {
            Idle.Add(((nint)memory, capacity));
            _idleBytes += capacity;
            FreeDownTo(MaximumIdle);
        }
    }

    /// <summary>Gives the system what nobody has needed since the last call.</summary>
    public static void Trim()
    {
        lock (Gate)
        {
            FreeDownTo(_idleBytes - _leastIdle);
            _leastIdle = _idleBytes;
        }
    }

    public static void Clear()
    {
        lock (Gate)
        {
            FreeDownTo(0);
        }
    }

    private static void FreeDownTo(long bytes)
    {
        var count = 0;
        while (_idleBytes > bytes && count < Idle.Count)
        {
            NativeMemory.Free((void*)Idle[count].Memory);
            _idleBytes -= Idle[count].Capacity;
            count++;
        }

        Idle.RemoveRange(0, count);
        _leastIdle = Math.Min(_leastIdle, _idleBytes);
    }
}

/// <summary>Bounds the bytes that are in use at once: fifty requests for 8 MiB must not become 400 MiB. Thread-safe; not fair.</summary>
public sealed class MemoryBudget(long total)
{
    private readonly object gate = new();
    private long used;

    public long Total => total;

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

    /// <summary>Dispose gives them back. Null where there was no room in time.</summary>
    public IDisposable? TryTakeShare(long bytes, TimeSpan timeout) => TryTake(bytes, timeout) ? new Share(this, bytes) : null;

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

    private sealed class Share(MemoryBudget budget, long bytes) : IDisposable
    {
        private long _bytes = bytes;

        public void Dispose() => budget.Give(Interlocked.Exchange(ref _bytes, 0));
    }
}
