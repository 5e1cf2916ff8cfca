using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace OrthancCachePlugin.Bindings.Text;

/// <summary>
/// A text as C wants it: UTF-8 and zero-terminated, on the caller's stack where it fits, in a rented array otherwise, so that no call
/// leaves garbage behind.
/// </summary>
/// <remarks>
/// A span that ends with a zero byte is used where it is; any other is copied, since the byte behind a span is not ours to read. C reads up
/// to the first zero byte, so nothing behind one reaches Orthanc. Pin with <c>fixed</c>, which uses <see cref="GetPinnableReference"/>.
/// </remarks>
internal ref struct NativeText
{
    /// <summary>Bytes to reserve on the stack: header values, paths and log lines fit.</summary>
    public const int StackSize = 512;

    private readonly ReadOnlySpan<byte> _text;
    private byte[]? _rented;

    public NativeText(ReadOnlySpan<byte> text, Span<byte> stack)
    {
        if (!text.IsEmpty && text[^1] == 0)
        {
            _text = text;
            return;
        }

        Span<byte> target = Reserve(text.Length + 1, stack);
        text.CopyTo(target);
        target[text.Length] = 0;
        _text = target;
    }

    public NativeText(ReadOnlySpan<char> text, Span<byte> stack)
    {
        int maximum = Encoding.UTF8.GetMaxByteCount(text.Length) + 1;
        Span<byte> target = Reserve(maximum <= stack.Length ? maximum : Encoding.UTF8.GetByteCount(text) + 1, stack);
        int length = Encoding.UTF8.GetBytes(text, target);
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
