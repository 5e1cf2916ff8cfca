using System.Numerics;

namespace OrthancCachePlugin.Core.Storage;

/// <summary>
/// Byte arrays in powers of two from 1 KiB. Unlike the shared pool of .NET it holds a bounded number of idle bytes, whatever their sizes,
/// because one burst of large values must not stay resident in a server that runs for months.
/// </summary>
/// <remarks>Thread-safe. Arrays are not cleared.</remarks>
internal sealed class BufferPool(long idleBytes)
{
    private const int SmallestBits = 10;
    private const int LargestBits = 30;

    private readonly Stack<byte[]>[] idle = CreateStacks();
    private readonly Lock[] locks = CreateLocks();
    private long idleNow;

    /// <summary>Bytes of arrays that nobody uses now.</summary>
    public long IdleBytes => Interlocked.Read(ref idleNow);

    /// <summary>An array of at least <paramref name="size"/> bytes.</summary>
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

    /// <summary>Gives an array back; the caller must not use it any more.</summary>
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
