using System.Collections.Concurrent;
using System.Globalization;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>Keeps the lines.</summary>
internal sealed class ListLog : ILog
{
    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>How often a line with this number was written.</summary>
    public int Count(int number) => Lines.Count(line => line.Contains($"[{number.ToString(CultureInfo.InvariantCulture)}]", StringComparison.Ordinal));

    public void Write(LogLevel level, int number, string line) => Lines.Enqueue($"{level} {line}");
}
