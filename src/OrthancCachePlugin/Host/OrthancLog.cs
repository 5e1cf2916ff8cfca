using OrthancCachePlugin.Bindings;
using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Core.Diagnostics;

namespace OrthancCachePlugin.Host;

/// <summary>Orthanc's log, under our name where it shows names.</summary>
internal sealed class OrthancLog(OrthancContext context) : ILog, IThreadNames
{
    public void Write(LogLevel level, int number, string line)
    {
        var orthancs = level switch
        {
            LogLevel.Error => OrthancLogLevel.Error,
            LogLevel.Warning => OrthancLogLevel.Warning,
            _ => OrthancLogLevel.Info,
        };
        _ = context.Log(orthancs, "response-cache"u8, "LogMessages.cs"u8, number, line);
    }

    public void Enter(string name) => _ = context.SetCurrentThreadName(name);

    public void Leave() => _ = context.ClearCurrentThreadName();
}
