using System.Collections.Concurrent;
using System.Globalization;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Tests.Storage;

/// <summary>Keeps the lines.</summary>
internal sealed class ListLog : ILog
{
    private readonly ConcurrentQueue<string> lines = new();

    public IReadOnlyList<string> Lines => [.. lines];

    /// <summary>How often a line with this number was written.</summary>
    public int Count(int number) => lines.Count(line => line.Contains($"[{number.ToString(CultureInfo.InvariantCulture)}]", StringComparison.Ordinal));

    public void Write(LogLevel level, int number, string line) => lines.Enqueue(line);
}
