using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;

namespace OrthancCachePlugin;

/// <summary>The version, from the one place where it is stated (Directory.Build.props).</summary>
internal static unsafe class PluginVersion
{
    /// <summary>As people read it.</summary>
    public static string Text { get; } =
        typeof(PluginVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>Zero-terminated, for as long as the process lives: Orthanc keeps the pointer, and the library is never unloaded.</summary>
    public static byte* Native { get; } = Copy(Text);

    private static byte* Copy(string text)
    {
        var size = Encoding.UTF8.GetByteCount(text);
        var copy = (byte*)NativeMemory.AllocZeroed((nuint)size + 1);
        Encoding.UTF8.GetBytes(text, new Span<byte>(copy, size));
        return copy;
    }
}
