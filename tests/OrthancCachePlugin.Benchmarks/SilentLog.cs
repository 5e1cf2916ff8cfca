using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Benchmarks;

internal sealed class SilentLog : ILog
{
    public void Write(LogLevel level, int number, string line)
    {
    }
}
