using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings;

/// <content>Lines in Orthanc's log, and names of threads there.</content>
public sealed unsafe partial class OrthancContext
{
    public OrthancErrorCode LogError(ReadOnlySpan<byte> line) => Log(OrthancService.LogError, line);

    public OrthancErrorCode LogError(string line) => Log(OrthancService.LogError, line);

    public OrthancErrorCode LogWarning(ReadOnlySpan<byte> line) => Log(OrthancService.LogWarning, line);

    public OrthancErrorCode LogWarning(string line) => Log(OrthancService.LogWarning, line);

    public OrthancErrorCode LogInfo(ReadOnlySpan<byte> line) => Log(OrthancService.LogInfo, line);

    public OrthancErrorCode LogInfo(string line) => Log(OrthancService.LogInfo, line);

    /// <summary>A line that says where it comes from, on servers that know how to show it (1.12.4), and the line alone on others.</summary>
    /// <param name="level">How much it matters.</param>
    /// <param name="plugin">The plugin.</param>
    /// <param name="file">Where in the plugin, as the name of a file.</param>
    /// <param name="number">Where in there.</param>
    /// <param name="line">The line itself.</param>
    public OrthancErrorCode Log(OrthancLogLevel level, ReadOnlySpan<byte> plugin, ReadOnlySpan<byte> file, int number, string line)
    {
        if (!SupportsNamedLines)
        {
            return level switch
            {
                OrthancLogLevel.Error => LogError(line),
                OrthancLogLevel.Warning => LogWarning(line),
                _ => LogInfo(line),
            };
        }

        using var text = new NativeText(line.AsSpan(), stackalloc byte[NativeText.StackSize]);
        using var pluginText = new NativeText(plugin, stackalloc byte[64]);
        using var fileText = new NativeText(file, stackalloc byte[64]);
        fixed (byte* pointer = text, pluginPointer = pluginText, filePointer = fileText)
        {
            var parameters = new LogMessageParameters
            {
                Message = pointer,
                Plugin = pluginPointer,
                File = filePointer,
                Line = (uint)number,
                Category = OrthancLogCategory.Generic,
                Level = level,
            };
            return Invoke(OrthancService.LogMessage, &parameters);
        }
    }

    /// <summary>Names the calling thread, which must be one of ours, in the log.</summary>
    /// <param name="name">At most 16 characters.</param>
    public OrthancErrorCode SetCurrentThreadName(ReadOnlySpan<byte> name) =>
        SupportsThreadNames ? Log(OrthancService.SetCurrentThreadName, name) : OrthancErrorCode.NotImplemented;

    /// <summary>Gives the name back, before the thread ends.</summary>
    public OrthancErrorCode ClearCurrentThreadName() =>
        ForgetsThreadNames ? Invoke(OrthancService.ClearCurrentThreadName, null) : OrthancErrorCode.NotImplemented;

    private OrthancErrorCode Log(OrthancService service, ReadOnlySpan<byte> line)
    {
        using var text = new NativeText(line, stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            return Invoke(service, pointer);
        }
    }

    private OrthancErrorCode Log(OrthancService service, string line)
    {
        using var text = new NativeText(line.AsSpan(), stackalloc byte[NativeText.StackSize]);
        fixed (byte* pointer = text)
        {
            return Invoke(service, pointer);
        }
    }
}
