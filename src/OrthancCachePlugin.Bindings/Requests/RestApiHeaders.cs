using System.Buffers;
using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Requests;

/// <summary>
/// The headers of a call into Orthanc: copies of names and values, one behind the other, each zero-terminated. Starts on the caller's stack
/// and moves to a rented array where that is too small. Dispose it where it was made.
/// </summary>
/// <example><code>
/// using var headers = new RestApiHeaders(stackalloc byte[RestApiHeaders.StackSize]);
/// headers.Add("accept"u8, "application/json"u8);
/// </code></example>
public ref struct RestApiHeaders
{
    /// <summary>Bytes to reserve on the stack: the headers of a browser fit.</summary>
    public const int StackSize = 2048;

    private Span<byte> _buffer;
    private byte[]? _rented;
    private int _used;

    /// <param name="stack">Where to start; may be empty.</param>
    public RestApiHeaders(Span<byte> stack) => _buffer = stack;

    /// <summary>How many headers have been added.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a header. What stands behind a zero byte is left out, as C would leave it out.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        Append(name);
        Append(value);
        Count++;
    }

    /// <summary>Gives a rented array back.</summary>
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

    /// <summary>Fills the arrays that the SDK takes with addresses inside the pinned buffer.</summary>
    /// <param name="start">The address at which the buffer is pinned.</param>
    /// <param name="names">Room for <see cref="Count"/> addresses.</param>
    /// <param name="values">Room for <see cref="Count"/> addresses.</param>
    internal readonly unsafe void GetAddresses(byte* start, byte** names, byte** values)
    {
        byte* position = start;
        for (int i = 0; i < Count; i++)
        {
            names[i] = position;
            position += MemoryMarshal.CreateReadOnlySpanFromNullTerminated(position).Length + 1;
            values[i] = position;
            position += MemoryMarshal.CreateReadOnlySpanFromNullTerminated(position).Length + 1;
        }
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        int zero = text.IndexOf((byte)0);
        if (zero >= 0)
        {
            text = text[..zero];
        }

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
