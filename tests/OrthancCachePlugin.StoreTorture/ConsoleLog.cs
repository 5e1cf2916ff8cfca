using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.StoreTorture;

/// <summary>Writes the lines to standard error.</summary>
internal sealed class ConsoleLog : ILog
{
    public void Write(LogLevel level, int number, string line) => Console.Error.WriteLine($"{level} {line}");
}
