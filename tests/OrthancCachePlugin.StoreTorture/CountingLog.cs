using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>Counts the lines.</summary>
internal sealed class CountingLog : ILog
{
    private int lines;

    public int Lines => Volatile.Read(ref lines);

    public void Write(LogLevel level, int number, string line) => Interlocked.Increment(ref lines);
}
