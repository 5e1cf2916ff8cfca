using System.Runtime.InteropServices;

namespace OrthancCachePlugin.Bindings.Interop;

/// <summary>Of AnswerBuffer and SendStreamChunk (which takes no type).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AnswerBufferParameters
{
    public NativeRestOutput* Output;
    public void* Answer;
    public uint AnswerSize;
    public byte* MimeType;
}
