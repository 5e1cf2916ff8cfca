using System.Buffers;
using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings;

/// <summary>The headers of a call into Orthanc, zero-terminated, on the caller's stack or in a rented array. Dispose it where it was made.</summary>
public ref struct RestApiHeaders
{
    public const int StackSize = 2048; // bytes to reserve on the stack: the headers of a browser fit

    private Span<byte> _buffer;
    private byte[]? _rented;
    private int _used;

    public RestApiHeaders(Span<byte> stack) => _buffer = stack;

    public int Count { get; private set; }

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Append(name);
        Append(value);
        Count++;
    }

    public void Dispose()
    {
        byte[]? rented = _rented;
        this = default;
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    internal readonly ref readonly byte GetPinnableReference() => ref MemoryMarshal.GetReference(_buffer);

    internal readonly unsafe void GetAddresses(byte* start, byte** names, byte** values)
    {
        byte* position = start;
        for (int i = 0; i < Count; i++)
        {
            names[i] = position;
            position += NativeString.AsSpan(position).Length + 1;
            values[i] = position;
            position += NativeString.AsSpan(position).Length + 1;
        }
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        text = NativeString.BeforeZero(text);
        if (_buffer.Length - _used <= text.Length)
        {
            Grow(_used + text.Length + 1);
        }

        text.CopyTo(_buffer[_used..]);
        _buffer[_used + text.Length] = 0;
        _used += text.Length + 1;
    }

    private void Grow(int size)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(size, _used * 2));
        _buffer[.._used].CopyTo(larger);
        byte[]? old = _rented;
        _rented = larger;
        _buffer = larger;
        if (old is not null)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }
}
