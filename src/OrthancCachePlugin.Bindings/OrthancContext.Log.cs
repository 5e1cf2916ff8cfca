using OrthancCachePlugin.Bindings.Interop;
using OrthancCachePlugin.Bindings.Text;

namespace OrthancCachePlugin.Bindings;

/// <content>Lines in Orthanc's log.</content>
public sealed unsafe partial class OrthancContext
{
    public OrthancErrorCode LogError(ReadOnlySpan<byte> line) => Log(OrthancService.LogError, line);

    public OrthancErrorCode LogError(string line) => Log(OrthancService.LogError, line);

    public OrthancErrorCode LogWarning(ReadOnlySpan<byte> line) => Log(OrthancService.LogWarning, line);

    public OrthancErrorCode LogWarning(string line) => Log(OrthancService.LogWarning, line);

    public OrthancErrorCode LogInfo(ReadOnlySpan<byte> line) => Log(OrthancService.LogInfo, line);

    public OrthancErrorCode LogInfo(string line) => Log(OrthancService.LogInfo, line);

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
