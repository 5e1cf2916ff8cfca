using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Text;

/// <summary>Reads zero-terminated text that Orthanc owns.</summary>
public static unsafe class NativeString
{
    /// <summary>The bytes before the zero; empty for null. Valid as long as Orthanc's text is.</summary>
    public static ReadOnlySpan<byte> AsSpan(byte* text) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);

    /// <summary>Element <paramref name="index"/> of an array of texts; empty where the array or the element is missing.</summary>
    internal static ReadOnlySpan<byte> At(byte** array, uint count, int index) =>
        array is null || (uint)index >= count ? default : AsSpan(array[index]);
}
