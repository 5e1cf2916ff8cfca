using System.Collections.Concurrent;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Tests.Fakes;

/// <summary>Keeps the lines.</summary>
internal sealed class ListLog : ILog
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public void Write(LogLevel level, int number, string line) => Lines.Enqueue($"{level} {line}");
}
