using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace OrthancCachePlugin.Bindings;

public static unsafe class NativeString
{
    /// <summary>The bytes before the zero; empty for null. Valid as long as Orthanc's text is.</summary>
    public static ReadOnlySpan<byte> AsSpan(byte* text) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text);

    /// <summary>A zero-terminated copy; freed with <see cref="NativeMemory.Free"/>.</summary>
    public static byte* Copy(ReadOnlySpan<byte> text)
    {
        var copy = (byte*)NativeMemory.Alloc((nuint)text.Length + 1);
        text.CopyTo(new Span<byte>(copy, text.Length));
        copy[text.Length] = 0;
        return copy;
    }

    internal static ReadOnlySpan<byte> At(byte** array, uint count, int index) =>
        array is null || (uint)index >= count ? default : AsSpan(array[index]);

    internal static ReadOnlySpan<byte> BeforeZero(ReadOnlySpan<byte> text)
    {
        var zero = text.IndexOf((byte)0);
        return zero < 0 ? text : text[..zero];
    }
}

/// <summary>A text for C: UTF-8 and zero-terminated, on the caller's stack where it fits, else in a rented array. A span that ends with a zero byte
/// is used where it is. Pin with <c>fixed</c>.</summary>
internal ref struct NativeText
{
    public const int StackSize = 512; // bytes to reserve on the stack: header values, paths and log lines fit

    private readonly ReadOnlySpan<byte> _text;
    private byte[]? _rented;

    public NativeText(ReadOnlySpan<byte> text, Span<byte> stack)
    {
        if (!text.IsEmpty && text[^1] == 0)
        {
            _text = text;
            return;
        }

        var target = Reserve(text.Length + 1, stack);
        text.CopyTo(target);
        target[text.Length] = 0;
        _text = target;
    }

    public NativeText(ReadOnlySpan<char> text, Span<byte> stack)
    {
        var maximum = Encoding.UTF8.GetMaxByteCount(text.Length) + 1;
        var target = Reserve(maximum <= stack.Length ? maximum : Encoding.UTF8.GetByteCount(text) + 1, stack);
        var length = Encoding.UTF8.GetBytes(text, target);
        target[length] = 0;
        _text = target;
    }

    public readonly ref readonly byte GetPinnableReference() => ref MemoryMarshal.GetReference(_text);

    public void Dispose()
    {
        if (_rented is { } rented)
        {
            _rented = null;
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private Span<byte> Reserve(int size, Span<byte> stack)
    {
        if (size <= stack.Length)
        {
            return stack;
        }

        _rented = ArrayPool<byte>.Shared.Rent(size);
        return _rented;
    }
}
