namespace OrthancCachePlugin.Core.Diagnostics;

/// <summary>Sums to which many threads add, each in a row of its own, so that processors do not contend for a cache line. Thread-safe; a sum may miss
/// what is just being added.</summary>
internal sealed class StripedCounters
{
    private const int Rows = 16;
    private const int LineOfMemory = 64 / sizeof(long);

    private readonly long[] _cells;
    private readonly int _width;

    public StripedCounters(int count)
    {
        _width = (count + (2 * LineOfMemory) - 1) / LineOfMemory * LineOfMemory;
        _cells = new long[Rows * _width];
    }

    public void Add(int index, long value) =>
        Interlocked.Add(ref _cells[((Environment.CurrentManagedThreadId & (Rows - 1)) * _width) + index], value);

    public long this[int index]
    {
        get
        {
            long sum = 0;
            for (var row = 0; row < Rows; row++)
            {
                sum += Interlocked.Read(ref _cells[(row * _width) + index]);
            }

            return sum;
        }
    }
}
