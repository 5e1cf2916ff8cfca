using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings;

/// <summary>One header of a response, as two zero-terminated texts. Not of the SDK: how the guard takes several at once.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct NativeHeader
{
    public byte* Name;
    public byte* Value;
}

/// <summary>The headers of one response, which cross to Orthanc with the body, in one call instead of one each. Made once per thread and reused. Not
/// thread-safe.</summary>
public sealed unsafe class HeaderBlock
{
    private const int UsualHeaders = 16;
    private const int UsualBytes = 2048;

    // Pinned: the headers point into the texts.
    private byte[] _texts = NewTexts(UsualBytes);
    private NativeHeader[] _headers = NewHeaders(UsualHeaders);
    private int _used;
    private bool _joins;

    public int Count { get; private set; }

    internal NativeHeader* Headers => (NativeHeader*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_headers));

    internal int Capacity => _texts.Length;

    private byte* Start => StartOf(_texts);

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

    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        const int Separators = 4;
        name = NativeString.BeforeZero(name);
        value = NativeString.BeforeZero(value);
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
