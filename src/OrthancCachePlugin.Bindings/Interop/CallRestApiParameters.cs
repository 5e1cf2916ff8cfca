using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of CallRestApi.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CallRestApiParameters
{
    public NativeMemoryBuffer* AnswerBody;
    public NativeMemoryBuffer* AnswerHeaders;
    public ushort* HttpStatus;
    public OrthancHttpMethod Method;
    public byte* Uri;
    public uint HeadersCount;
    public byte** HeadersKeys;
    public byte** HeadersValues;
    public void* Body;
    public uint BodySize;
    public byte AfterPlugins;
}
