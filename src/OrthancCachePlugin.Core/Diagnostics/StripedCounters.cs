namespace OrthancCachePlugin.Core.Diagnostics;

/// <summary>
/// A few sums to which many threads add at the same time. Each thread adds in a row of its own, so that processors need not pass the
/// same line of memory around for every request; reading adds the rows up. Thread-safe; a sum read meanwhile may miss what is just added.
/// </summary>
internal sealed class StripedCounters
{
    private const int Rows = 16;
    private const int LineOfMemory = 64 / sizeof(long);

    private readonly long[] _cells;
    private readonly int _width;

    /// <param name="count">How many sums.</param>
    public StripedCounters(int count)
    {
        _width = (count + (2 * LineOfMemory) - 1) / LineOfMemory * LineOfMemory;
        _cells = new long[Rows * _width];
    }

    /// <summary>Adds to a sum.</summary>
    public void Add(int index, long value) =>
        Interlocked.Add(ref _cells[((Environment.CurrentManagedThreadId & (Rows - 1)) * _width) + index], value);

    /// <summary>A sum.</summary>
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
