using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Bindings.Requests;

/// <summary>
/// The headers of one response, kept together so that they cross to Orthanc with the body, in one call instead of one each. Made once per
/// thread and used again and again; holds copies of its texts, and grows for those of a response that has long ones. Not thread-safe.
/// </summary>
public sealed unsafe class HeaderBlock
{
    private const int UsualHeaders = 16;
    private const int UsualBytes = 2048;

    // Pinned as long as they are used: the headers point into the texts.
    private byte[] _texts = NewTexts(UsualBytes);
    private NativeHeader[] _headers = NewHeaders(UsualHeaders);
    private int _used;
    private bool _joins;

    /// <summary>How many headers Orthanc is told of; where they are joined, one.</summary>
    public int Count { get; private set; }

    internal NativeHeader* Headers => (NativeHeader*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_headers));

    /// <summary>Bytes of texts that it has room for now.</summary>
    internal int Capacity => _texts.Length;

    private byte* Start => StartOf(_texts);

    /// <summary>Begins anew.</summary>
    /// <param name="joins">
    /// Whether a header may bring others in its value, as lines of their own; see <see cref="OrthancContext.SendsHeadersAsTheyAre"/>.
    /// </param>
    public void Clear(bool joins)
    {
        Count = 0;
        _used = 0;
        _joins = joins;
        if (_texts.Length > UsualBytes)
        {
            _texts = NewTexts(UsualBytes); // a thread keeps nothing of what one response needed
        }
    }

    /// <summary>Adds a header of any length. What stands behind a zero byte is left out, as C would leave it out.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        const int Separators = 4;
        name = BeforeZero(name);
        value = BeforeZero(value);
        var needed = (long)_used + name.Length + value.Length + Separators;
        if (needed > _texts.Length)
        {
            Grow(needed);
        }

        var start = Start;
        if (_joins && Count > 0)
        {
            start[_used - 1] = (byte)'\r'; // in the place of the zero byte behind the line before
            start[_used++] = (byte)'\n';
            Append(name);
            start[_used++] = (byte)':';
            start[_used++] = (byte)' ';
        }
        else
        {
            ref var header = ref NextHeader();
            header.Name = start + _used;
            Append(name);
            start[_used++] = 0;
            header.Value = start + _used;
        }

        Append(value);
        start[_used++] = 0;
    }

    private static byte[] NewTexts(int size) => GC.AllocateUninitializedArray<byte>(size, pinned: true);

    private static NativeHeader[] NewHeaders(int count) => GC.AllocateUninitializedArray<NativeHeader>(count, pinned: true);

    private static byte* StartOf(byte[] texts) => (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(texts));

    private static ReadOnlySpan<byte> BeforeZero(ReadOnlySpan<byte> text)
    {
        var zero = text.IndexOf((byte)0);
        return zero < 0 ? text : text[..zero];
    }

    private ref NativeHeader NextHeader()
    {
        if (Count == _headers.Length)
        {
            var headers = NewHeaders(2 * Count);
            _headers.CopyTo(headers, 0);
            _headers = headers;
        }

        return ref _headers[Count++];
    }

    /// <summary>Moves the texts to where there is more room, and lets the headers point there.</summary>
    private void Grow(long needed)
    {
        var old = _texts;
        var texts = NewTexts((int)Math.Clamp(needed * 2, 0, Array.MaxLength));
        old.AsSpan(0, _used).CopyTo(texts);
        foreach (ref var header in _headers.AsSpan(0, Count))
        {
            header.Name = StartOf(texts) + (header.Name - StartOf(old));
            header.Value = StartOf(texts) + (header.Value - StartOf(old));
        }

        _texts = texts;
        GC.KeepAlive(old);
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(_texts.AsSpan(_used));
        _used += text.Length;
    }
}
