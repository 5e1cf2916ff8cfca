using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Host;

/// <summary>Orthanc's log.</summary>
internal sealed class OrthancLog(OrthancContext context) : ILog
{
    /// <inheritdoc/>
    public void Write(LogLevel level, string line)
    {
        _ = level switch
        {
            LogLevel.Error => context.LogError(line),
            LogLevel.Warning => context.LogWarning(line),
            _ => context.LogInfo(line),
        };
    }
}
