using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using OrthancCachePlugin.Bindings.Interop;

namespace OrthancCachePlugin.Bindings.Requests;

/// <summary>
/// The headers of one answer, kept together so that they cross to Orthanc with the body, in one call instead of one each. Made once per
/// thread and used again and again; holds copies of its texts. Not thread-safe.
/// </summary>
public sealed unsafe class HeaderBlock
{
    private const int MostHeaders = 16;
    private const int MostBytes = 2048;

    // Pinned for good: the headers point into the texts.
    private readonly byte[] _texts = GC.AllocateUninitializedArray<byte>(MostBytes, pinned: true);
    private readonly NativeHeader[] _headers = GC.AllocateUninitializedArray<NativeHeader>(MostHeaders, pinned: true);
    private readonly byte* _start;
    private int _used;
    private bool _joins;

    public HeaderBlock() => _start = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_texts));

    /// <summary>How many headers Orthanc is told of; where they are joined, one.</summary>
    public int Count { get; private set; }

    internal NativeHeader* Headers => (NativeHeader*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_headers));

    /// <summary>Begins anew.</summary>
    /// <param name="joins">
    /// Whether a header may bring others in its value, as lines of their own; see <see cref="OrthancContext.SendsHeadersAsTheyAre"/>.
    /// </param>
    public void Clear(bool joins)
    {
        Count = 0;
        _used = 0;
        _joins = joins;
    }

    /// <summary>Adds a header; false where there is no room for it. What stands behind a zero byte is left out, as C would leave it out.</summary>
    public bool TryAdd(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        name = BeforeZero(name);
        value = BeforeZero(value);
        if (Count == MostHeaders || name.Length + value.Length + 4 > MostBytes - _used)
        {
            return false;
        }

        if (_joins && Count > 0)
        {
            _start[_used - 1] = (byte)'\r'; // in the place of the zero byte behind the line before
            _start[_used++] = (byte)'\n';
            Append(name);
            _start[_used++] = (byte)':';
            _start[_used++] = (byte)' ';
        }
        else
        {
            ref var header = ref _headers[Count++];
            header.Name = _start + _used;
            Append(name);
            _start[_used++] = 0;
            header.Value = _start + _used;
        }

        Append(value);
        _start[_used++] = 0;
        return true;
    }

    private static ReadOnlySpan<byte> BeforeZero(ReadOnlySpan<byte> text)
    {
        var zero = text.IndexOf((byte)0);
        return zero < 0 ? text : text[..zero];
    }

    private void Append(ReadOnlySpan<byte> text)
    {
        text.CopyTo(new Span<byte>(_start + _used, MostBytes - _used));
        _used += text.Length;
    }
}
